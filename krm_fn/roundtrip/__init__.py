"""YAML files of a person: read, edited and written again with their comments and layout."""

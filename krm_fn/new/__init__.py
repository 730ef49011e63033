"""First manifests, and a repository to start from: pure functions from choices to manifests and files."""

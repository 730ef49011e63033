"""The imperative shell: one module for each functionConfig kind, each with `run(config, items)`."""

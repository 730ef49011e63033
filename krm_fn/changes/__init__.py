"""A change seen before it merges: two trees of manifests, the machines that differ, what happens to them, and because of what."""

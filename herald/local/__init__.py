"""The local AWS: an emulator, deployments to it, and the demo."""

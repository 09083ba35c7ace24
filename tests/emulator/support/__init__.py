"""What the tests on the local AWS share: commands, deployments, workers and the input of the soak test."""

"""What is computed once and used again, by the content of its inputs."""

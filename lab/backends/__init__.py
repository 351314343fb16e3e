"""What can stand behind the gateway."""

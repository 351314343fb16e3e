"""The client half: everything that talks to the hospital. Copy this folder to start your own client."""

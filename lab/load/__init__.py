"""Load: an open-loop schedule played by Locust in a child process, recorded first and judged afterwards."""

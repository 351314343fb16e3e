"""What the server keeps: resources, their versions, their index and who belongs to which cohort."""

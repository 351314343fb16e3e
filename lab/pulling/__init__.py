"""The application as a client under load: events happen in the hospital, the gateway shows who keeps up."""

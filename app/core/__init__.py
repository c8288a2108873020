"""What the command line and the windows share: projects joined to engines, without any toolkit."""

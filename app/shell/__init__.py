"""The window around canvas and panels: menus, docks, dialogs, theme and start."""

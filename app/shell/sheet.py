"""The style sheet of all windows, with names of `theme.Colours` in place of colours."""

SHEET = """
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $sunken; width: 3px; height: 3px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $raised; color: $text; border: 1px solid $edge; padding: 4px 6px; }

QMenuBar { background: $window; padding: 2px 6px; border-bottom: 1px solid $line; }
QMenuBar::item { padding: 4px 9px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMainWindow > QToolBar#tools QToolButton { margin: 1px 0; }
QMenu { background: $raised; border: 1px solid $edge; border-radius: 6px; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 26px; border-radius: 4px; min-height: 18px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: $tint; color: $text; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::separator { height: 1px; background: $edge; margin: 5px 8px; }

QToolBar { background: $window; border: none; padding: 4px 6px; spacing: 2px; }
QToolBar:top, QToolBar:horizontal { border-bottom: 1px solid $line; }
QToolBar:left, QToolBar:vertical { border-right: 1px solid $line; padding: 6px 4px; }
QToolBar::separator { background: $edge; margin: 5px 5px; width: 1px; height: 1px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 5px;
  padding: 4px; }
QToolBar QToolButton { min-width: 22px; min-height: 22px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed { background: $pressed; }
QToolButton:checked { background: $tint; border-color: $accent; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $faint; }
QToolButton::menu-indicator { image: none; }
QToolButton[role="primary"] { padding: 4px 10px; font-weight: 600; }
QToolButton[popupMode="1"] { padding-right: 30px; }
QToolButton[role="primary"]::menu-button { border: none; border-left: 1px solid $accent_dim;
  border-top-right-radius: 5px; border-bottom-right-radius: 5px; width: 24px; }
QToolButton[role="primary"]::menu-button:hover { background: $accent_hover; }
QToolButton[role="primary"]::menu-arrow { image: url($looks/down_on_accent.png); width: 14px;
  height: 14px; }
QToolButton[role="section"] { border: none; padding: 5px 2px; font-weight: 600; }

QPushButton, QToolButton[role="button"] { background: $raised; color: $text;
  border: 1px solid $edge; border-radius: 5px; padding: 5px 12px; min-height: 16px; }
QPushButton:hover, QToolButton[role="button"]:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border-color: $accent; }
QPushButton:checked { background: $tint; border-color: $accent; }
QPushButton:disabled { color: $faint; background: $window; border-color: $edge; }
QPushButton:default, QPushButton[role="primary"], QToolButton[role="primary"] {
  background: $accent; color: $on_accent; border: 1px solid $accent; }
QPushButton:default:hover, QPushButton[role="primary"]:hover, QToolButton[role="primary"]:hover {
  background: $accent_hover; border-color: $accent_hover; }
QPushButton:default:focus, QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton:default:disabled, QPushButton[role="primary"]:disabled,
QToolButton[role="primary"]:disabled { background: $raised; color: $faint; border-color: $edge; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton[role="quiet"] { background: transparent; border-color: transparent; }
QPushButton[role="quiet"]:hover { background: $hover; }
QPushButton[role="danger"] { color: $bad; }

QAbstractScrollArea { background: $window; border: none; }
QAbstractScrollArea::corner { background: transparent; }
QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
  background: $raised; color: $text; border: 1px solid $edge; border-radius: 5px;
  padding: 3px 7px; min-height: 18px; selection-background-color: $accent;
  selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus,
QComboBox:focus { border-color: $accent; }
QLineEdit:disabled, QPlainTextEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
  color: $faint; background: $window; }
QComboBox { padding-right: 22px; }
QComboBox::drop-down { border: none; width: 22px; subcontrol-position: center right; }
QComboBox::down-arrow { image: url($looks/down.png); width: 14px; height: 14px; }
QComboBox::down-arrow:disabled { image: url($looks/down_faint.png); }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $edge; padding: 4px;
  selection-background-color: $tint; selection-color: $text; outline: none; }
QAbstractSpinBox { padding: 3px 18px 3px 5px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; width: 16px;
  background: transparent; subcontrol-origin: border; margin-right: 3px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin-top: 3px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin-bottom: 3px; }
QAbstractSpinBox::up-arrow { image: url($looks/up.png); width: 11px; height: 11px; }
QAbstractSpinBox::down-arrow { image: url($looks/down.png); width: 11px; height: 11px; }
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off {
  image: url($looks/up_faint.png); }
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off {
  image: url($looks/down_faint.png); }

QSlider { min-height: 20px; }
QSlider::groove:horizontal { height: 4px; background: $edge; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
  background: $text; border: none; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent_hover; }
QSlider::sub-page:horizontal:disabled { background: $edge; }
QSlider::handle:horizontal:disabled { background: $faint; }

QProgressBar { background: $edge; border: none; border-radius: 3px; max-height: 6px;
  min-height: 6px; color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $edge; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QListView, QTreeView, QTableView { background: $window; border: none; outline: none;
  selection-background-color: $tint; selection-color: $text; }
QListView::item, QTreeView::item { padding: 4px 6px; border-radius: 4px; min-height: 20px; }
QListView::item:hover, QTreeView::item:hover { background: $hover; }
QListView::item:selected, QTreeView::item:selected { background: $tint; color: $text; }
QHeaderView::section { background: $window; color: $muted; border: none;
  border-bottom: 1px solid $edge; padding: 4px 6px; }

QDockWidget { color: $muted; font-weight: 600; }
QLabel[role="dock_title"] { color: $muted; font-weight: 600; padding: 3px 0; }
QToolButton[role="tiny"] { padding: 2px; border-radius: 4px; }
QDockWidget > QWidget { background: $window; }
QTabBar { background: transparent; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px 10px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; }

QStatusBar { background: $window; color: $muted; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; padding: 1px 6px; }
QCheckBox, QRadioButton { spacing: 8px; min-height: 20px; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; background: $raised;
  border: 1px solid $strong_edge; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox:focus::indicator,
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
  image: url($looks/check_on_accent.png); }
QRadioButton::indicator:checked { background: $accent; border-color: $accent;
  image: url($looks/dot_on_accent.png); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: $window;
  border-color: $edge; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }
QMenu::indicator:non-exclusive:checked, QMenu::indicator:exclusive:checked {
  image: url($looks/check.png); }
QMenu::indicator:unchecked { image: none; }
QMenu::right-arrow { image: url($looks/right.png); width: 12px; height: 12px; right: 6px; }
QGroupBox { border: none; margin-top: 20px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; color: $muted; padding: 2px 0; }

QLabel[role="heading"] { font-weight: 600; color: $text; }
QLabel[role="title"] { font-size: 20pt; font-weight: 300; color: $text; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="good"] { color: $good; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="bad"] { color: $bad; }
QLabel[role="key"] { background: $raised; color: $text; border: 1px solid $edge;
  border-bottom-width: 2px; border-radius: 4px; padding: 1px 6px; }
QFrame[role="bar"] { background: $tint; border: none; border-bottom: 1px solid $line; }
QFrame[role="bar"] QLabel { color: $text; }
QLabel[role="toast"] { background: $raised; color: $text; border: 1px solid $edge;
  border-radius: 6px; padding: 7px 12px; }
QFrame[role="card"] { background: $raised; border: 1px solid $edge; border-radius: 8px; }
QFrame[role="rule"] { background: $edge; max-height: 1px; min-height: 1px; border: none; }
QFrame[role="well"] { background: $sunken; border: 1px solid $line; border-radius: 8px; }
QFrame[role="popup"] { background: $raised; border: 1px solid $strong_edge; border-radius: 10px; }
QFrame[role="popup"] QListWidget { background: $raised; }
QFrame[role="popup"] QListWidget::item { padding: 0; min-height: 0; }
QPushButton[role="quiet_row"] { background: transparent; border-color: transparent;
  text-align: left; padding: 5px 10px; }
QPushButton[role="quiet_row"]:hover { background: $hover; }
QPushButton[role="card"], QPushButton[role="card"]:default { color: $text; font-weight: 400;
  background: $raised; border: 1px solid $edge; border-radius: 8px;
  text-align: left; padding: 8px 12px; }
QPushButton[role="card"]:hover { border-color: $accent; }
QPushButton[role="card"]:checked { border: 2px solid $accent; }
QWidget#canvas_page { background: $sunken; }
"""

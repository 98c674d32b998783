import { createTheme, type MantineThemeOverride } from "@mantine/core";

/** Latin by the system's own sans, Chinese by its own too: nothing is loaded. */
const sans =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
const monospace =
  'ui-monospace, SFMono-Regular, "JetBrains Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono CJK SC", monospace';

/**
 * The look of Mantine's parts: one accent, one type scale, one spacing scale. The same values as tokens.css, which is
 * what our own parts use.
 */
export const theme: MantineThemeOverride = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 6 },
  colors: {
    accent: [
      "#eef2ff",
      "#dbe4ff",
      "#b9c9fb",
      "#94abf5",
      "#738ff0",
      "#5a78ea",
      "#4463de",
      "#3453c8",
      "#2a45a8",
      "#20357f",
    ],
    // What cannot be undone: the colour of what failed, not another one.
    red: ["#fdf0ec", "#fbdbd2", "#f6b5a3", "#ff9173", "#e8694a", "#d64f2f", "#bf3d1f", "#b3341a", "#8f2913", "#6b1e0e"],
    gray: [
      "#f6f7f9",
      "#eef0f3",
      "#e3e7ec",
      "#d8dde4",
      "#bcc4ce",
      "#8d97a4",
      "#5d6874",
      "#475160",
      "#2f3742",
      "#1b2027",
    ],
    dark: [
      "#e4e8ed",
      "#b3bcc7",
      "#929da9",
      "#66717e",
      "#38414c",
      "#29313a",
      "#1e242b",
      "#171b21",
      "#101317",
      "#0b0d10",
    ],
  },
  fontFamily: sans,
  fontFamilyMonospace: monospace,
  headings: { fontFamily: sans, fontWeight: "600" },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.35", sm: "1.4", md: "1.45", lg: "1.5", xl: "1.4" },
  spacing: { xs: "0.25rem", sm: "0.5rem", md: "0.75rem", lg: "1rem", xl: "1.5rem" },
  radius: { xs: "2px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "sm",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    ActionIcon: { defaultProps: { size: "md", variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    Textarea: { defaultProps: { size: "xs" } },
    Select: {
      defaultProps: { size: "xs", comboboxProps: { transitionProps: { duration: 0 } } },
    },
    TagsInput: { defaultProps: { size: "xs", comboboxProps: { transitionProps: { duration: 0 } } } },
    MultiSelect: { defaultProps: { size: "xs", comboboxProps: { transitionProps: { duration: 0 } } } },
    Autocomplete: { defaultProps: { size: "xs", comboboxProps: { transitionProps: { duration: 0 } } } },
    Checkbox: { defaultProps: { size: "xs" } },
    Switch: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, fz: "xs", px: 8, py: 4 } },
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 0 } } },
    // Locking the page's scroll would write a <style> element, which the content policy forbids; overlays cover the page.
    Modal: { defaultProps: { lockScroll: false, transitionProps: { duration: 0 }, padding: "lg" } },
    Drawer: { defaultProps: { lockScroll: false, transitionProps: { duration: 0 }, padding: "lg" } },
  },
});

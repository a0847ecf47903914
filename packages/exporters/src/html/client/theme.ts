/** The colours of the page as the canvas wants them: resolved for the theme that is in force. */
export interface Palette {
  readonly text: string;
  readonly faint: string;
  readonly grid: string;
  readonly ground: string;
  readonly series: readonly string[];
}

const COLORS = 8;
const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const KEPT_AS = "lens-theme";
const root = document.documentElement;

/** Reads the colours from the style sheet, where each theme has its own. */
export function readPalette(): Palette {
  const probe = document.createElement("i");
  document.body.append(probe);
  const colorOf = (name: string): string => {
    probe.className = name;
    return getComputedStyle(probe).color;
  };
  const palette = {
    text: colorOf("ink-text"),
    faint: colorOf("ink-faint"),
    grid: colorOf("ink-grid"),
    ground: colorOf("ink-ground"),
    series: Array.from({ length: COLORS }, (_, index) => colorOf(`ink-${index}`)),
  };
  probe.remove();
  return palette;
}

/** The theme that was chosen before. A page from disk may be refused its storage. */
function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return THEMES.find((theme) => theme === kept) ?? "auto";
  } catch {
    return "auto";
  }
}

function keep(theme: Theme): void {
  try {
    localStorage.setItem(KEPT_AS, theme);
  } catch {
    // It holds until the page is closed.
  }
}

function apply(theme: Theme): void {
  if (theme === "auto") delete root.dataset["theme"];
  else root.dataset["theme"] = theme;
}

/** Puts a button into the page that goes through the themes, and says whenever the colours change, for print as well. */
export function setUpTheme(onChange: () => void): void {
  let theme = keptTheme();
  const button = document.createElement("button");
  button.type = "button";
  button.className = "theme";
  const show = (): void => {
    apply(theme);
    button.textContent = `Theme: ${theme}`;
  };
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
    keep(theme);
    show();
    onChange();
  });
  show();
  document.querySelector("nav")?.append(button);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
  addEventListener("beforeprint", () => {
    apply("light");
    onChange();
  });
  addEventListener("afterprint", () => {
    apply(theme);
    onChange();
  });
}

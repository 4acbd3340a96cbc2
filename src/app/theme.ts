/** Mantine in the lab's own colours: ink on paper, so that colour belongs to the data. */
import { Button, type CSSVariablesResolver, createTheme, type MantineColorsTuple, Tooltip } from '@mantine/core';

const INK: MantineColorsTuple = [
  '#f2f3f0',
  '#e4e6e2',
  '#d0d4cd',
  '#a9aea8',
  '#858c87',
  '#6b736e',
  '#59605b',
  '#3d4340',
  '#2a2f2c',
  '#1b1f1d',
];

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 9, dark: 1 },
  autoContrast: true,
  colors: { ink: INK },
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif",
  fontFamilyMonospace: 'var(--lab-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '13px', lg: '15px', xl: '15px' },
  defaultRadius: '6px',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Tooltip: Tooltip.extend({
      defaultProps: { fz: 12, transitionProps: { duration: 0 } },
      vars: () => ({ tooltip: { '--tooltip-bg': 'var(--lab-text)', '--tooltip-color': 'var(--lab-surface)' } }),
    }),
    ActionIcon: { defaultProps: { color: 'gray' } },
    // Ink on paper in the light, paper on ink in the dark.
    Button: Button.extend({
      vars: (_, { variant = 'filled' }) => ({
        root:
          variant === 'filled'
            ? { '--button-bg': 'var(--lab-text)', '--button-hover': 'var(--lab-dim)', '--button-color': 'var(--lab-surface)' }
            : {},
      }),
    }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--lab-surface)',
  '--mantine-color-text': 'var(--lab-text)',
  '--mantine-color-dimmed': 'var(--lab-dim)',
  '--mantine-color-default': 'var(--lab-surface)',
  '--mantine-color-default-hover': 'var(--lab-sunken)',
  '--mantine-color-default-border': 'var(--lab-line-strong)',
  '--mantine-color-default-color': 'var(--lab-text)',
  '--mantine-color-error': 'var(--lab-bad)',
  '--mantine-color-placeholder': 'var(--lab-dim)',
};

export const variables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });

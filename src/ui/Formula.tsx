/** A formula in TeX, set by KaTeX, which is only fetched for this. */
import { Box } from '@mantine/core';
import katex from 'katex';
import 'katex/dist/katex.css';
import type { ReactElement } from 'react';
import classes from './ui.module.css';

export function Formula({ tex }: { tex: string }): ReactElement {
  const html = katex.renderToString(tex, { displayMode: true, throwOnError: false, output: 'htmlAndMathml' });
  return (
    <Box
      tabIndex={0}
      className={classes.formula}
      ref={(node) => {
        if (node !== null) node.innerHTML = html;
      }}
    />
  );
}

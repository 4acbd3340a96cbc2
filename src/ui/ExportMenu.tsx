/** The small menu on a chart or a table: SVG, PNG at four times the size, CSV. What does the work is fetched when it is used. */
import { ActionIcon, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { lab } from '../store/index';
import { addNotice } from '../store/state';
import { download, fileName } from './download';
import { Icon } from './icons';

export interface ExportMenuProps {
  /** What is exported, in words; the name of the file too. */
  readonly title: string;
  /** A second line under the title of a picture. */
  readonly subtitle?: string;
  /** The drawing on the page; null while there is none. Absent for a table. */
  readonly plot?: () => SVGSVGElement | null | Promise<SVGSVGElement | null>;
  /** The drawing has been copied. */
  readonly onDrawn?: () => void;
  /** The numbers as CSV. */
  readonly csv?: () => string | Promise<string>;
}

export function ExportMenu({ title, subtitle = '', plot, onDrawn, csv }: ExportMenuProps): ReactElement {
  const draw = async (kind: 'svg' | 'png', theme: 'light' | 'dark'): Promise<void> => {
    try {
      const drawing = (await plot?.()) ?? null;
      if (drawing === null) {
        addNotice(lab.store, `There is nothing in ${title} to draw.`);
        return;
      }
      const { pngOf, svgOf } = await import('../charts/export');
      const picture = svgOf(drawing, { title, subtitle, theme });
      if (kind === 'svg') download(`${fileName(title)}.svg`, picture.svg, 'image/svg+xml');
      else download(`${fileName(title)}.png`, await pngOf(picture), 'image/png');
    } catch {
      addNotice(lab.store, `${title} could not be drawn as a picture. As SVG it may still work.`);
    } finally {
      onDrawn?.();
    }
  };
  const write = async (): Promise<void> => {
    if (csv !== undefined) download(`${fileName(title)}.csv`, await csv(), 'text/csv');
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" size="sm" aria-label={`Save ${title}`} title="Save as picture or table">
          <Icon name="download" size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {plot === undefined ? null : (
          <>
            <Menu.Item onClick={() => void draw('png', 'light')}>PNG, 4 times as large</Menu.Item>
            <Menu.Item onClick={() => void draw('svg', 'light')}>SVG</Menu.Item>
            <Menu.Item onClick={() => void draw('png', 'dark')}>PNG, dark</Menu.Item>
            <Menu.Item onClick={() => void draw('svg', 'dark')}>SVG, dark</Menu.Item>
          </>
        )}
        {csv === undefined ? null : <Menu.Item onClick={() => void write()}>CSV</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

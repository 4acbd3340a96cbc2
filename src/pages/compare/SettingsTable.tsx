/** What tells the arms apart: every setting that is not the same in all of them. */
import type { ReactElement } from 'react';
import { Marker } from '../../charts/Marker';
import { settingRows } from '../../store/compare';
import { accentOf } from '../../store/palette';
import { TakeTable } from '../../ui/TakeTable';
import classes from './compare.module.css';
import type { Compared } from './useCompared';

export function SettingsTable({ groups, names, catalogue }: Compared): ReactElement {
  const rows = settingRows(groups, catalogue);
  const title = 'What differs';
  const nameOf = (arm: string): string => names.get(arm) ?? arm;
  if (groups.length < 2)
    return <p className={classes.dim}>One arm is ticked. With a second one, every setting that differs stands here.</p>;
  return (
    <>
      <section className={classes.tableBox} aria-label={`${title}, table`}>
        <table className={classes.table} data-testid="compare-settings">
          <thead>
            <tr>
              <th scope="col">Setting</th>
              {groups.map(({ arm, accent }) => (
                <th key={arm} scope="col">
                  <Marker accent={accentOf(accent)} size={9} /> {nameOf(arm)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ path, title: setting, values }) => (
              <tr key={path}>
                <th scope="row">{setting}</th>
                {values.map((value, i) => (
                  <td key={groups[i]?.arm}>{value ?? <span className={classes.dim}>has none</span>}</td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="row">Seeds</th>
              {groups.map(({ arm, seeds, repeated }) => (
                <td key={arm}>
                  {seeds.join(', ')}
                  {repeated === 0 ? null : <span className={classes.dim}> ({repeated} repeated)</span>}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </section>
      <div className={classes.tableFoot}>
        <TakeTable
          title={title}
          table={() => ({
            header: ['Setting', ...groups.map(({ arm }) => nameOf(arm))],
            rows: [...rows.map((row) => [row.title, ...row.values]), ['Seeds', ...groups.map(({ seeds }) => seeds.join(' '))]],
          })}
        />
      </div>
    </>
  );
}

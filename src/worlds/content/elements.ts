/**
 * The 118 chemical elements with facts of public knowledge (names, symbols and numbers as IUPAC gives them). Where
 * textbooks differ, the table follows one convention and says which:
 *
 * - Group 3 is scandium, yttrium, lutetium, lawrencium (IUPAC provisional report, 2021), so the f-block is 57-70 and
 *   89-102; its elements have no group (null). Helium is in the s-block and in group 18.
 * - Category: lanthanides are 57-71, actinides 89-103; zinc, cadmium and mercury count as transition metals; the
 *   metalloids are the six that nearly every list has. From 109 on, no experiment has settled it: unknown.
 * - State at 25 °C and 100 kPa. Unknown where no visible sample has been made: astatine, francium, and from 100 on.
 */

export type Block = 's' | 'p' | 'd' | 'f';

export type Category =
  | 'alkali-metal'
  | 'alkaline-earth-metal'
  | 'transition-metal'
  | 'post-transition-metal'
  | 'metalloid'
  | 'nonmetal'
  | 'halogen'
  | 'noble-gas'
  | 'lanthanide'
  | 'actinide'
  | 'unknown';

export type State = 'solid' | 'liquid' | 'gas' | 'unknown';

/** Name, symbol, atomic number, period, group (null in the f-block), block, category, state at room temperature. */
export type ElementRow = readonly [
  name: string,
  symbol: string,
  number: number,
  period: number,
  group: number | null,
  block: Block,
  category: Category,
  state: State,
];

/** In order of atomic number. */
export const ELEMENTS: readonly ElementRow[] = [
  ['hydrogen', 'H', 1, 1, 1, 's', 'nonmetal', 'gas'],
  ['helium', 'He', 2, 1, 18, 's', 'noble-gas', 'gas'],
  ['lithium', 'Li', 3, 2, 1, 's', 'alkali-metal', 'solid'],
  ['beryllium', 'Be', 4, 2, 2, 's', 'alkaline-earth-metal', 'solid'],
  ['boron', 'B', 5, 2, 13, 'p', 'metalloid', 'solid'],
  ['carbon', 'C', 6, 2, 14, 'p', 'nonmetal', 'solid'],
  ['nitrogen', 'N', 7, 2, 15, 'p', 'nonmetal', 'gas'],
  ['oxygen', 'O', 8, 2, 16, 'p', 'nonmetal', 'gas'],
  ['fluorine', 'F', 9, 2, 17, 'p', 'halogen', 'gas'],
  ['neon', 'Ne', 10, 2, 18, 'p', 'noble-gas', 'gas'],
  ['sodium', 'Na', 11, 3, 1, 's', 'alkali-metal', 'solid'],
  ['magnesium', 'Mg', 12, 3, 2, 's', 'alkaline-earth-metal', 'solid'],
  ['aluminium', 'Al', 13, 3, 13, 'p', 'post-transition-metal', 'solid'],
  ['silicon', 'Si', 14, 3, 14, 'p', 'metalloid', 'solid'],
  ['phosphorus', 'P', 15, 3, 15, 'p', 'nonmetal', 'solid'],
  ['sulfur', 'S', 16, 3, 16, 'p', 'nonmetal', 'solid'],
  ['chlorine', 'Cl', 17, 3, 17, 'p', 'halogen', 'gas'],
  ['argon', 'Ar', 18, 3, 18, 'p', 'noble-gas', 'gas'],
  ['potassium', 'K', 19, 4, 1, 's', 'alkali-metal', 'solid'],
  ['calcium', 'Ca', 20, 4, 2, 's', 'alkaline-earth-metal', 'solid'],
  ['scandium', 'Sc', 21, 4, 3, 'd', 'transition-metal', 'solid'],
  ['titanium', 'Ti', 22, 4, 4, 'd', 'transition-metal', 'solid'],
  ['vanadium', 'V', 23, 4, 5, 'd', 'transition-metal', 'solid'],
  ['chromium', 'Cr', 24, 4, 6, 'd', 'transition-metal', 'solid'],
  ['manganese', 'Mn', 25, 4, 7, 'd', 'transition-metal', 'solid'],
  ['iron', 'Fe', 26, 4, 8, 'd', 'transition-metal', 'solid'],
  ['cobalt', 'Co', 27, 4, 9, 'd', 'transition-metal', 'solid'],
  ['nickel', 'Ni', 28, 4, 10, 'd', 'transition-metal', 'solid'],
  ['copper', 'Cu', 29, 4, 11, 'd', 'transition-metal', 'solid'],
  ['zinc', 'Zn', 30, 4, 12, 'd', 'transition-metal', 'solid'],
  ['gallium', 'Ga', 31, 4, 13, 'p', 'post-transition-metal', 'solid'],
  ['germanium', 'Ge', 32, 4, 14, 'p', 'metalloid', 'solid'],
  ['arsenic', 'As', 33, 4, 15, 'p', 'metalloid', 'solid'],
  ['selenium', 'Se', 34, 4, 16, 'p', 'nonmetal', 'solid'],
  ['bromine', 'Br', 35, 4, 17, 'p', 'halogen', 'liquid'],
  ['krypton', 'Kr', 36, 4, 18, 'p', 'noble-gas', 'gas'],
  ['rubidium', 'Rb', 37, 5, 1, 's', 'alkali-metal', 'solid'],
  ['strontium', 'Sr', 38, 5, 2, 's', 'alkaline-earth-metal', 'solid'],
  ['yttrium', 'Y', 39, 5, 3, 'd', 'transition-metal', 'solid'],
  ['zirconium', 'Zr', 40, 5, 4, 'd', 'transition-metal', 'solid'],
  ['niobium', 'Nb', 41, 5, 5, 'd', 'transition-metal', 'solid'],
  ['molybdenum', 'Mo', 42, 5, 6, 'd', 'transition-metal', 'solid'],
  ['technetium', 'Tc', 43, 5, 7, 'd', 'transition-metal', 'solid'],
  ['ruthenium', 'Ru', 44, 5, 8, 'd', 'transition-metal', 'solid'],
  ['rhodium', 'Rh', 45, 5, 9, 'd', 'transition-metal', 'solid'],
  ['palladium', 'Pd', 46, 5, 10, 'd', 'transition-metal', 'solid'],
  ['silver', 'Ag', 47, 5, 11, 'd', 'transition-metal', 'solid'],
  ['cadmium', 'Cd', 48, 5, 12, 'd', 'transition-metal', 'solid'],
  ['indium', 'In', 49, 5, 13, 'p', 'post-transition-metal', 'solid'],
  ['tin', 'Sn', 50, 5, 14, 'p', 'post-transition-metal', 'solid'],
  ['antimony', 'Sb', 51, 5, 15, 'p', 'metalloid', 'solid'],
  ['tellurium', 'Te', 52, 5, 16, 'p', 'metalloid', 'solid'],
  ['iodine', 'I', 53, 5, 17, 'p', 'halogen', 'solid'],
  ['xenon', 'Xe', 54, 5, 18, 'p', 'noble-gas', 'gas'],
  ['caesium', 'Cs', 55, 6, 1, 's', 'alkali-metal', 'solid'],
  ['barium', 'Ba', 56, 6, 2, 's', 'alkaline-earth-metal', 'solid'],
  ['lanthanum', 'La', 57, 6, null, 'f', 'lanthanide', 'solid'],
  ['cerium', 'Ce', 58, 6, null, 'f', 'lanthanide', 'solid'],
  ['praseodymium', 'Pr', 59, 6, null, 'f', 'lanthanide', 'solid'],
  ['neodymium', 'Nd', 60, 6, null, 'f', 'lanthanide', 'solid'],
  ['promethium', 'Pm', 61, 6, null, 'f', 'lanthanide', 'solid'],
  ['samarium', 'Sm', 62, 6, null, 'f', 'lanthanide', 'solid'],
  ['europium', 'Eu', 63, 6, null, 'f', 'lanthanide', 'solid'],
  ['gadolinium', 'Gd', 64, 6, null, 'f', 'lanthanide', 'solid'],
  ['terbium', 'Tb', 65, 6, null, 'f', 'lanthanide', 'solid'],
  ['dysprosium', 'Dy', 66, 6, null, 'f', 'lanthanide', 'solid'],
  ['holmium', 'Ho', 67, 6, null, 'f', 'lanthanide', 'solid'],
  ['erbium', 'Er', 68, 6, null, 'f', 'lanthanide', 'solid'],
  ['thulium', 'Tm', 69, 6, null, 'f', 'lanthanide', 'solid'],
  ['ytterbium', 'Yb', 70, 6, null, 'f', 'lanthanide', 'solid'],
  ['lutetium', 'Lu', 71, 6, 3, 'd', 'lanthanide', 'solid'],
  ['hafnium', 'Hf', 72, 6, 4, 'd', 'transition-metal', 'solid'],
  ['tantalum', 'Ta', 73, 6, 5, 'd', 'transition-metal', 'solid'],
  ['tungsten', 'W', 74, 6, 6, 'd', 'transition-metal', 'solid'],
  ['rhenium', 'Re', 75, 6, 7, 'd', 'transition-metal', 'solid'],
  ['osmium', 'Os', 76, 6, 8, 'd', 'transition-metal', 'solid'],
  ['iridium', 'Ir', 77, 6, 9, 'd', 'transition-metal', 'solid'],
  ['platinum', 'Pt', 78, 6, 10, 'd', 'transition-metal', 'solid'],
  ['gold', 'Au', 79, 6, 11, 'd', 'transition-metal', 'solid'],
  ['mercury', 'Hg', 80, 6, 12, 'd', 'transition-metal', 'liquid'],
  ['thallium', 'Tl', 81, 6, 13, 'p', 'post-transition-metal', 'solid'],
  ['lead', 'Pb', 82, 6, 14, 'p', 'post-transition-metal', 'solid'],
  ['bismuth', 'Bi', 83, 6, 15, 'p', 'post-transition-metal', 'solid'],
  ['polonium', 'Po', 84, 6, 16, 'p', 'post-transition-metal', 'solid'],
  ['astatine', 'At', 85, 6, 17, 'p', 'halogen', 'unknown'],
  ['radon', 'Rn', 86, 6, 18, 'p', 'noble-gas', 'gas'],
  ['francium', 'Fr', 87, 7, 1, 's', 'alkali-metal', 'unknown'],
  ['radium', 'Ra', 88, 7, 2, 's', 'alkaline-earth-metal', 'solid'],
  ['actinium', 'Ac', 89, 7, null, 'f', 'actinide', 'solid'],
  ['thorium', 'Th', 90, 7, null, 'f', 'actinide', 'solid'],
  ['protactinium', 'Pa', 91, 7, null, 'f', 'actinide', 'solid'],
  ['uranium', 'U', 92, 7, null, 'f', 'actinide', 'solid'],
  ['neptunium', 'Np', 93, 7, null, 'f', 'actinide', 'solid'],
  ['plutonium', 'Pu', 94, 7, null, 'f', 'actinide', 'solid'],
  ['americium', 'Am', 95, 7, null, 'f', 'actinide', 'solid'],
  ['curium', 'Cm', 96, 7, null, 'f', 'actinide', 'solid'],
  ['berkelium', 'Bk', 97, 7, null, 'f', 'actinide', 'solid'],
  ['californium', 'Cf', 98, 7, null, 'f', 'actinide', 'solid'],
  ['einsteinium', 'Es', 99, 7, null, 'f', 'actinide', 'solid'],
  ['fermium', 'Fm', 100, 7, null, 'f', 'actinide', 'unknown'],
  ['mendelevium', 'Md', 101, 7, null, 'f', 'actinide', 'unknown'],
  ['nobelium', 'No', 102, 7, null, 'f', 'actinide', 'unknown'],
  ['lawrencium', 'Lr', 103, 7, 3, 'd', 'actinide', 'unknown'],
  ['rutherfordium', 'Rf', 104, 7, 4, 'd', 'transition-metal', 'unknown'],
  ['dubnium', 'Db', 105, 7, 5, 'd', 'transition-metal', 'unknown'],
  ['seaborgium', 'Sg', 106, 7, 6, 'd', 'transition-metal', 'unknown'],
  ['bohrium', 'Bh', 107, 7, 7, 'd', 'transition-metal', 'unknown'],
  ['hassium', 'Hs', 108, 7, 8, 'd', 'transition-metal', 'unknown'],
  ['meitnerium', 'Mt', 109, 7, 9, 'd', 'unknown', 'unknown'],
  ['darmstadtium', 'Ds', 110, 7, 10, 'd', 'unknown', 'unknown'],
  ['roentgenium', 'Rg', 111, 7, 11, 'd', 'unknown', 'unknown'],
  ['copernicium', 'Cn', 112, 7, 12, 'd', 'unknown', 'unknown'],
  ['nihonium', 'Nh', 113, 7, 13, 'p', 'unknown', 'unknown'],
  ['flerovium', 'Fl', 114, 7, 14, 'p', 'unknown', 'unknown'],
  ['moscovium', 'Mc', 115, 7, 15, 'p', 'unknown', 'unknown'],
  ['livermorium', 'Lv', 116, 7, 16, 'p', 'unknown', 'unknown'],
  ['tennessine', 'Ts', 117, 7, 17, 'p', 'unknown', 'unknown'],
  ['oganesson', 'Og', 118, 7, 18, 'p', 'unknown', 'unknown'],
];

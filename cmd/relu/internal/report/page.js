'use strict';
{
const data = JSON.parse(document.getElementById('data').textContent);
const {runs, kernels, panels} = data;
const several = runs.length > 1;

const element = (name, properties = {}, ...children) => {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    key in e ? e[key] = value : e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
};

// Theme

const root = document.documentElement;
const themeButton = document.getElementById('theme');
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
let colours = {};
const setTheme = dark => {
  root.dataset.theme = dark ? 'dark' : 'light';
  themeButton.textContent = dark ? 'Light' : 'Dark';
  colours = {};
};
// colour is what a CSS colour is in this theme, for canvases.
const probe = element('span', {hidden: true});
document.body.append(probe);
const colour = css => colours[css] ??= (probe.style.color = css, getComputedStyle(probe).color);
setTheme(prefersDark.matches);
prefersDark.addEventListener('change', e => { setTheme(e.matches); redraw(); });
themeButton.addEventListener('click', () => { setTheme(root.dataset.theme !== 'dark'); redraw(); });

// Lines: colour and marker tell runs apart, and the dash tells kernels, whose
// lines are the paler the plainer the kernel. With one run, colour and marker
// tell kernels. The kernel that relu chooses is solid. The limit is a broad band.

const dashes = {avx512: [16, 4, 4, 4], avx2: [12, 4], sse2: [6, 4], generic: [12, 4, 2, 4], loop: [2, 4]};
const inkCount = 7;
const look = s => several ? s.run : s.kernel;
const ink = (i, percent) => percent === 100 ? `var(--c${i % inkCount})` : `color-mix(in srgb, var(--c${i % inkCount}) ${percent}%, var(--paper))`;
const strength = s => s.limit ? 42 : several && kernels[s.kernel] !== runs[s.run].chosen ? Math.max(60, 85 - 8 * s.kernel) : 100;
const inkOf = s => ink(look(s), strength(s));
const strokeOf = s => colour(inkOf(s));
const dashOf = s => s.limit || kernels[s.kernel] === runs[s.run].chosen ? [] : dashes[kernels[s.kernel]] ?? [8, 4];
const widthOf = s => s.limit ? 7 : 2;
const markerSize = 7;
const markers = [
  (p, x, y, r) => { p.moveTo(x + r, y); p.arc(x, y, r, 0, 2 * Math.PI); },
  (p, x, y, r) => p.rect(x - r * .85, y - r * .85, r * 1.7, r * 1.7),
  (p, x, y, r) => { p.moveTo(x, y - r * 1.15); p.lineTo(x + r * 1.1, y + r * .85); p.lineTo(x - r * 1.1, y + r * .85); p.closePath(); },
  (p, x, y, r) => { p.moveTo(x, y - r * 1.25); p.lineTo(x + r * 1.25, y); p.lineTo(x, y + r * 1.25); p.lineTo(x - r * 1.25, y); p.closePath(); },
  (p, x, y, r) => { p.moveTo(x, y + r * 1.15); p.lineTo(x + r * 1.1, y - r * .85); p.lineTo(x - r * 1.1, y - r * .85); p.closePath(); },
];
const markerOf = s => markers[look(s) % markers.length];
const svgMarkers = ['M{r},0A{r},{r} 0 1 1 {r},-.01Z', 'M-3,-3H3V3H-3Z', 'M0,-4L3.8,3L-3.8,3Z', 'M0,-4.4L4.4,0L0,4.4L-4.4,0Z', 'M0,4L3.8,-3L-3.8,-3Z'];

// sample is a bit of a line, as a legend shows it.
const sample = (stroke, dash, width, marker) => {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('class', 'sample');
  svg.setAttribute('viewBox', '-20 -7 40 14');
  svg.setAttribute('aria-hidden', 'true');
  const path = (d, attributes) => {
    const p = document.createElementNS(ns, 'path');
    p.setAttribute('d', d);
    for (const [k, v] of Object.entries(attributes)) p.setAttribute(k, v);
    svg.append(p);
  };
  path('M-20,0H20', {stroke, 'stroke-width': width, 'stroke-dasharray': dash.join(' ')});
  if (marker !== undefined) {
    path(svgMarkers[marker % svgMarkers.length].replaceAll('{r}', '3.5'), {fill: stroke});
  }
  return svg;
};
const sampleOf = s => sample(inkOf(s), dashOf(s), widthOf(s), s.limit ? undefined : look(s));

// Choices

const on = {run: runs.map(() => true), kernel: [], limit: true};
on.kernel = kernels.map(k => k === 'loop' || !runs.some(r => r.chosen) || runs.some(r => r.chosen === k));
const shown = s => on.run[s.run] && on.kernel[s.kernel] && (!s.limit || on.limit);

const choice = (field, text, svg, checked, set) => {
  const box = element('input', {type: 'checkbox', checked, name: text});
  box.addEventListener('change', () => { set(box.checked); update(); });
  document.getElementById(field).append(element('label', {}, box, svg, text));
};
const kernelName = k => k === 'loop' ? 'plain Go loop' : k;
const runLabel = r => several ? `${r.id}: ${r.name}` : r.name;
runs.forEach((r, i) => choice('runs', runLabel(r),
  several ? sample(ink(i, 100), [], 2, i) : '', true, v => on.run[i] = v));
kernels.forEach((k, i) => {
  const s = {run: 0, kernel: i};
  const solid = runs.every(r => r.chosen === k);
  const svg = several ? sample('var(--ink)', solid ? [] : dashes[k] ?? [8, 4], 2) : sampleOf(s);
  choice('kernels', kernelName(k), svg, on.kernel[i], v => on.kernel[i] = v);
});
if (panels.some(p => p.series.some(s => s.limit))) {
  choice('kernels', 'limit', sample('var(--band)', [], 7), true, v => on.limit = v);
}

// Numbers

const throughput = (panel, n, ns) => n * panel.size / ns; // bytes per ns are GB/s
const short = x => x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 1 ? x.toFixed(2) : x.toPrecision(2);
const binary = (n, unit = '') => {
  for (const [size, prefix] of [[2 ** 30, 'Gi'], [2 ** 20, 'Mi'], [2 ** 10, 'Ki']]) {
    if (n >= size && n % size === 0) return n / size + (unit ? ' ' : '') + prefix + unit;
  }
  return n + (unit ? ' ' + unit : '');
};
const grouped = x => x.toLocaleString('en', {maximumFractionDigits: 3});
const seriesName = s => [several ? runs[s.run].id : '', (s.limit ? 'limit of ' : '') + kernelName(kernels[s.kernel])].filter(Boolean).join(' ');

// Charts

const drawMarkers = (u, index, first, last) => {
  const r = markerSize / 2 * devicePixelRatio, fill = new Path2D();
  const s = u.series[index].source, marker = markerOf(s);
  for (let i = first; i <= last; i++) {
    const y = u.data[index][i];
    if (y != null) marker(fill, u.valToPos(u.data[0][i], 'x', true), u.valToPos(y, 'y', true), r);
  }
  return {stroke: null, fill, clip: null, flags: 3};
};

const cacheRows = several ? 3 : 1;

// cacheMarks are where the slices of a call fill a cache. Those of several runs at
// one length are one, and labels that would touch stand in rows above each other.
const cacheMarks = (u, panel) => {
  const marks = [];
  runs.forEach((r, i) => {
    if (!on.run[i]) return;
    for (const {name, bytes} of r.caches) {
      const length = bytes / panel.size / panel.arrays;
      if (length < u.scales.x.min || length > u.scales.x.max) continue;
      const same = marks.find(m => m.length === length && m.name === name);
      same ? same.runs.push(i) : marks.push({name, length, runs: [i]});
    }
  });
  marks.sort((a, b) => a.length - b.length);
  const ends = [];
  for (const m of marks) {
    m.label = several ? `${m.name} ${m.runs.map(i => runs[i].id).join('')}` : m.name;
    m.x = u.valToPos(m.length, 'x');
    const half = m.label.length * 3.4;
    m.row = ends.findIndex(end => end < m.x - half);
    if (m.row < 0) m.row = ends.length;
    ends[m.row] = m.x + half;
  }
  return marks;
};

const drawCaches = (u, panel) => {
  const {ctx, bbox} = u, ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  for (const m of cacheMarks(u, panel)) {
    ctx.strokeStyle = ctx.fillStyle = colour(several && m.runs.length === 1 ? ink(m.runs[0], 100) : 'var(--faint)');
    const x = u.valToPos(m.length, 'x', true);
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(m.label, x, bbox.top - (4 + 12 * Math.min(m.row, cacheRows - 1)) * ratio);
  }
  ctx.restore();
};

// Each step of the axis of lengths is a factor of 16, or of 256 where room is
// short.
const lengthSplits = (u, axis, min, max) => {
  const factor = u.width < 360 ? 8 : 4, splits = [];
  for (let e = 0; 2 ** e <= max; e += factor) if (2 ** e >= min) splits.push(2 ** e);
  return splits;
};

// The axis of throughputs has powers of ten, and twice and five times those
// where there are few.
const throughputSplits = (u, axis, min, max) => {
  const steps = max / min < 500 ? [1, 2, 5] : [1], splits = [];
  for (let e = Math.floor(Math.log10(min)); 10 ** e <= max; e++) {
    for (const step of steps) {
      const v = +`${step}e${e}`;
      if (v >= min && v <= max) splits.push(v);
    }
  }
  return splits;
};

const draw = panel => {
  const chart = element('div', {className: 'chart'});
  const readout = element('div', {className: 'readout', hidden: true});
  const live = element('div', {role: 'status', className: 'live', style: 'position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden'});
  const figure = element('figure', {tabIndex: 0, 'aria-label': `${panel.op} ${panel.type}: throughput against length. The arrow keys read values.`},
    element('figcaption', {}, panel.op + ' ', element('span', {}, panel.type)), chart, readout, live);
  document.getElementById('charts').append(figure);

  // A browser makes up a mouse after a touch, which may leave at once.
  let touched = -Infinity;
  const byMouse = (u, target, handle) => e => performance.now() - touched > 500 ? handle(e) : null;

  const axis = {stroke: () => colour('var(--faint)'), grid: {stroke: () => colour('var(--rule)'), width: 1}, ticks: {show: false}, font: '12px system-ui, sans-serif'};
  const lengths = panel.lengths;
  const plot = new uPlot({
    width: chart.clientWidth, height: chart.clientHeight,
    padding: [6 + 12 * cacheRows, 22, 0, 0],
    legend: {show: false},
    cursor: {y: false, drag: {x: false, y: false}, points: {show: false}, bind: {mousemove: byMouse, mouseleave: byMouse}},
    scales: {
      x: {time: false, distr: 3, log: 2, range: () => [lengths[0], Math.max(lengths.at(-1), 2 * lengths[0])]},
      y: {distr: 3, log: 10, range: (u, min, max) => min == null ? [1, 100] : [min / 1.25, max * 1.25]},
    },
    axes: [
      {...axis, size: 22, gap: 4, labelGap: 0, labelSize: 16, labelFont: '12px system-ui, sans-serif', label: 'elements', splits: lengthSplits, filter: (u, splits) => splits, values: (u, splits) => splits.map(n => binary(n))},
      {...axis, size: 46, labelSize: 16, labelFont: '12px system-ui, sans-serif', label: 'GB/s', splits: throughputSplits, filter: (u, splits) => splits, values: (u, splits) => splits.map(String)},
    ],
    series: [{}, ...panel.series.toSorted((a, b) => b.limit - a.limit).map(s => ({
      source: s, show: shown(s), spanGaps: true,
      stroke: () => strokeOf(s), width: widthOf(s), dash: dashOf(s),
      points: s.limit ? {show: false} : {show: true, paths: drawMarkers, fill: () => strokeOf(s), width: 0, size: markerSize},
    }))],
    hooks: {
      drawClear: [u => drawCaches(u, panel)],
      setCursor: [u => read(u.cursor.idx)],
    },
  }, [lengths, ...panel.series.toSorted((a, b) => b.limit - a.limit).map(s => s.times.map((ns, i) => ns ? throughput(panel, lengths[i], ns) : null))], chart);

  function read(i) {
    readout.hidden = i == null;
    if (readout.hidden) return;
    const n = lengths[i];
    const values = panel.series.filter(s => shown(s) && s.times[i]).map(s => ({s, ns: s.times[i], spread: s.spreads[i]})).sort((a, b) => a.ns - b.ns);
    readout.replaceChildren(
      element('strong', {}, `${grouped(n)} element${n === 1 ? '' : 's'}, ${binary(n * panel.size, 'B')}`),
      element('table', {}, ...values.map(({s, ns, spread}) => element('tr', {},
        element('td', {}, sampleOf(s)),
        element('td', {className: 'name'}, seriesName(s)),
        element('td', {className: 'number'}, `${short(throughput(panel, n, ns))} GB/s`),
        element('td', {className: 'number'}, `${grouped(ns)} ns`),
        element('td', {className: 'number', title: 'spread'}, `${spread.toFixed(1)}%`)))));
    // Beside the pointer, on the side where there is room, or else below.
    const x = plot.valToPos(n, 'x') + plot.over.offsetLeft;
    const width = readout.offsetWidth, room = figure.clientWidth - width, gap = 14;
    const beside = Math.max(x, figure.clientWidth - x) > width + gap;
    const left = x > figure.clientWidth / 2 ? x - width - gap : x + gap;
    readout.style.left = Math.max(0, beside ? left : Math.min(x - width / 2, room)) + 'px';
    readout.style.top = chart.offsetTop + (beside ? 24 : chart.offsetHeight) + 'px';
  }

  const point = i => plot.setCursor({left: plot.valToPos(lengths[i], 'x'), top: 10});
  const leave = () => plot.setCursor({left: -10, top: -10});
  figure.addEventListener('keydown', e => {
    const now = plot.cursor.idx, last = lengths.length - 1;
    const next = {ArrowRight: now == null ? 0 : Math.min(now + 1, last), ArrowLeft: now == null ? last : Math.max(now - 1, 0), Home: 0, End: last}[e.key];
    if (e.key === 'Escape') leave();
    if (next === undefined) return;
    e.preventDefault();
    point(next);
    live.textContent = [readout.firstChild.textContent, ...[...readout.querySelectorAll('tr')].map(tr => [...tr.cells].slice(1).map(td => td.textContent).join(' '))].join('; ');
  });
  figure.addEventListener('blur', leave);
  for (const type of ['pointerdown', 'pointermove']) {
    chart.addEventListener(type, e => {
      if (e.pointerType === 'mouse') return; // uPlot sees mice
      touched = performance.now();
      const box = plot.over.getBoundingClientRect();
      plot.setCursor({left: e.clientX - box.left, top: e.clientY - box.top});
    });
  }
  new ResizeObserver(() => plot.setSize({width: chart.clientWidth, height: chart.clientHeight})).observe(chart);
  return plot;
};

// Table of speed-ups

const allRows = data.rows.map(([run, panel, kernel, place, length, time, ofLimit, ofLoop, spread]) =>
  ({run, panel, kernel, place, length, time, ofLimit, ofLoop, spread, throughput: throughput(panels[panel], length, time)}));
const known = (x, text) => x ? text : '?';

// timeIn is what another run took for a row's work: by the kernel that is chosen
// there if the row's is chosen, and else by the same kernel.
const timeIn = (run, r) => {
  const chosen = kernels[r.kernel] === runs[r.run].chosen;
  const kernel = chosen ? runs[run].chosen : kernels[r.kernel];
  const s = panels[r.panel].series.find(s => s.run === run && !s.limit && kernels[s.kernel] === kernel);
  return s?.times[panels[r.panel].lengths.indexOf(r.length)] ?? 0;
};
let base = 0;
const ratio = r => timeIn(base, r) / r.time;

const columns = [
  ...several ? [{title: 'Run', value: r => runs[r.run].id}] : [],
  {title: 'Operation', value: r => panels[r.panel].op},
  {title: 'Type', value: r => panels[r.panel].type},
  {title: 'Slices in', value: r => r.place, rank: r => ['short', 'L1', 'L2', 'L3', 'memory', 'longest'].indexOf(r.place)},
  {title: 'Elements', number: true, value: r => r.length, text: r => grouped(r.length)},
  {title: 'Kernel', value: r => kernelName(kernels[r.kernel])},
  {title: 'ns/call', number: true, value: r => r.time, text: r => grouped(r.time)},
  {title: 'Spread', number: true, value: r => r.spread, text: r => r.spread.toFixed(1) + '%'},
  {title: 'GB/s', number: true, value: r => r.throughput, text: r => short(r.throughput)},
  {title: 'Of the limit', number: true, value: r => r.ofLimit, text: r => known(r.ofLimit, Math.round(100 * r.ofLimit) + '%')},
  {title: 'Times the loop', number: true, value: r => r.ofLoop, text: r => known(r.ofLoop, short(r.ofLoop))},
  ...several ? [{title: 'Ratio', number: true, value: ratio, text: r => known(ratio(r), ratio(r).toFixed(2))}] : [],
];

// What the ratio is of, and how far two runs agree.
if (several) {
  const choose = element('select', {id: 'base', name: 'base'}, ...runs.map((r, i) => element('option', {value: i}, runLabel(r))));
  const agreement = element('ul', {id: 'agreement'});
  const cpus = new Set(runs.map(r => r.cpu));
  document.getElementById('ratios').append(
    element('label', {}, 'Ratio: the speed as a multiple of that in run ', choose), '. ',
    cpus.size === 1 ? 'All runs are of one CPU.' : 'The runs are of different CPUs: such a ratio compares the machines too.', agreement);
  const tell = () => agreement.replaceChildren(...runs.flatMap((r, i) => {
    if (i === base || r.cpu !== runs[base].cpu) return [];
    let all = 0, close = 0;
    for (const p of panels) {
      for (const s of p.series.filter(s => s.run === i)) {
        const other = p.series.find(o => o.run === base && o.kernel === s.kernel && o.limit === s.limit);
        s.times.forEach((ns, j) => {
          const was = other?.times[j];
          if (!ns || !was) return;
          all++;
          if (Math.max(ns / was, was / ns) <= 1.05) close++;
        });
      }
    }
    return all ? [element('li', {}, `${(100 * close / all).toFixed(1)}% of the ${all} points that ${r.id} and ${runs[base].id} both have are within 5% of each other.`)] : [];
  }));
  choose.addEventListener('change', () => { base = +choose.value; tell(); tabulate(); });
  tell();
}
const table = document.getElementById('speedups');
const sorting = {column: null, descending: false};
const headings = columns.map(c => {
  const button = element('button', {type: 'button'}, c.title);
  const th = element('th', {scope: 'col', className: c.number ? 'number' : ''}, button);
  button.addEventListener('click', () => {
    // The first press puts the largest number first, and A before B.
    sorting.descending = sorting.column === c ? !sorting.descending : !!c.number;
    sorting.column = c;
    tabulate();
  });
  return th;
});
table.tHead.append(element('tr', {}, ...headings));

function tabulate() {
  const c = sorting.column;
  let rows = allRows.filter(r => on.run[r.run] && on.kernel[r.kernel]);
  if (c) {
    const key = c.rank ?? c.value;
    const compare = (a, b) => c.value(a) === c.value(b) ? 0 : key(a) < key(b) ? -1 : 1;
    rows = rows.sort((a, b) => sorting.descending ? compare(b, a) : compare(a, b));
  }
  headings.forEach((th, i) => {
    columns[i] === c ? th.setAttribute('aria-sort', sorting.descending ? 'descending' : 'ascending') : th.removeAttribute('aria-sort');
  });
  table.tBodies[0].replaceChildren(...rows.map(r => element('tr', {},
    ...columns.map(c => element('td', {className: c.number ? 'number' : 'word', 'data-title': c.title, ...several && c.title === 'Run' ? {title: runs[r.run].name} : {}}, String((c.text ?? c.value)(r)))))));
}

// Figures as CSV

const csv = document.getElementById('csv');
const quoted = text => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
function list() {
  const lines = ['run,operation,type,kernel,elements,bytes,ns,spread_percent,gb_per_s'];
  for (const p of panels) {
    for (const s of p.series.filter(shown)) {
      s.times.forEach((ns, i) => {
        const n = p.lengths[i];
        if (ns) lines.push([quoted(runs[s.run].name), p.op, p.type, (s.limit ? 'copy-' : '') + kernels[s.kernel], n, n * p.size, ns, s.spreads[i], +throughput(p, n, ns).toPrecision(5)].join());
      });
    }
  }
  csv.value = lines.join('\n') + '\n';
}
document.getElementById('copy').addEventListener('click', async () => {
  const copied = document.getElementById('copied');
  try {
    await navigator.clipboard.writeText(csv.value);
    copied.textContent = 'Copied.';
  } catch {
    csv.select();
    copied.textContent = 'Selected: press Ctrl+C or ⌘C.';
  }
});

// All of it

// Two lengths are no chart; they are in the table.
const plots = panels.filter(p => p.lengths.length > 2).map(draw);
function redraw() {
  for (const plot of plots) plot.redraw(false);
}
function update() {
  for (const plot of plots) {
    plot.batch(() => plot.series.forEach((s, i) => { if (i) plot.setSeries(i, {show: shown(s.source)}); }));
    plot.redraw();
  }
  tabulate();
  list();
}
tabulate();
list();
}

// uPlot with its styles, in a file of their own that is fetched with the first chart.

import "uplot/dist/uPlot.min.css";

export { default } from "uplot";

/** The variable of the environment that leads the tests, which jest runs in processes of their own, to the file that the reporter reads. */
export const ROWS_FILE = "LENS_MATCHERS_ROWS";

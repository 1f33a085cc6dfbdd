/** To be raised with every change that gives a row another record: what is stored is then made anew (`digestSeed`). */
export const WODIFY_MAPPING_VERSION = 3;

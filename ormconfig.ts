import { DataSource } from 'typeorm';
import { dataSourceOptions } from './src/database/data-source';
import { loadConfig } from './src/platform/config';

const config = loadConfig(process.env);

export default new DataSource(dataSourceOptions({ ...config.database, url: config.database.directUrl }));

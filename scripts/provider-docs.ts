import { PROVIDER_FACTS } from '../src/providers';
import { writeOrCheck } from './drift';
import { providerPage } from './provider-page';

for (const page of Object.values(PROVIDER_FACTS)) {
  writeOrCheck(`docs/providers/${page.provider}.md`, providerPage(page), 'npm run provider-docs');
}

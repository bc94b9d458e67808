// Copies customers from the CRM and writes a few back, with fetch alone.

const base = process.env.CRM_URL + '/api/v2';
let token = null;
let signIns = 0;
let waits = 0;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// send sends one request and waits while the CRM says that it is too fast.
async function send(method, path, body) {
  const headers = {};
  if (token) headers.Authorization = `Token token=${token}`;
  if (!(body instanceof FormData)) {
    headers['Content-Type'] = 'application/json;charset=utf-8'; // on a GET too
    if (body !== undefined) body = JSON.stringify(body);
  }
  for (;;) {
    const response = await fetch(base + path, { method, headers, body });
    if (response.status === 429) {
      if (!(await response.text()).includes('Retry later')) throw new Error('429 without its text');
      waits++;
      await sleep(1000 * Number(response.headers.get('Retry-After') ?? 5));
      continue;
    }
    if (response.status !== 200) throw new Error(`${method} ${path}: HTTP ${response.status}`);
    return response.json();
  }
}

async function signIn() {
  const saved = token;
  token = null;
  const answer = await send('POST', '/auth/login', {
    login: process.env.CRM_LOGIN, password: process.env.CRM_PASSWORD, device: 'dingtalk', version_code: '3.13.0',
  });
  token = saved;
  if (answer.code !== 0) throw new Error(answer.message);
  signIns++;
  return answer.data.crm_app_token || answer.data.user_token;
}

async function call(method, path, body) {
  token ??= await signIn();
  for (;;) {
    const answer = await send(method, path, body);
    if (answer.code === 0) return answer.data;
    if (answer.code !== 100401) throw Object.assign(new Error(answer.message), { code: answer.code });
    token = await signIn();
  }
}

// customers gives every customer, as many pages as total_count says.
async function customers() {
  const all = new Map();
  for (let page = 1, pages = 1; page <= pages; page++) {
    const data = await call('GET', `/customers?page=${page}&per_page=10&tab_type=`);
    pages = Math.ceil(data.total_count / data.per_page);
    for (const customer of data.customers) {
      if (!/^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(customer.real_revisit_at)) throw new Error('no date');
      if (all.has(customer.id)) throw new Error('a customer came twice');
      all.set(customer.id, customer);
    }
    if (data.has_next_page !== page < pages) throw new Error('has_next_page');
  }
  return all;
}

const all = await customers();
const options = (await call('GET', '/customers/status/filter_options')).options;
const today = new Date(Date.now() + 8 * 3600 * 1000);
const day = `${today.getUTCFullYear()}-${today.getUTCMonth() + 1}-${today.getUTCDate()}`; // without leading zeros
const made = (await call('GET', `/customers?created_at[]=${day}&created_at[]=${day}&per_page=1`)).total_count;

const create = {
  customer: {
    name: '南昌市诺德商贸有限公司',
    status: Number(options[0].value),
    address_attributes: { phone: '13800000211', detail_address: '八一大道2号' },
    contacts_attributes: {
      0: { name: '张三', address_attributes: { phone: '13800000212' } },
      1: { name: '李四' },
    },
  },
};
const customer = await call('POST', '/customers', create);
let duplicate = 0;
try {
  await call('POST', '/customers', create);
} catch (error) {
  duplicate = error.code;
}
const changed = await call('PUT', `/customers/${customer.id}`, { customer: { status: Number(options[1].value) } });

const form = new FormData();
form.append('attachmentable_type', 'Customer');
form.append('attachmentable_id', String(customer.id));
form.append('file', new Blob(['一百元'], { type: 'text/plain' }), '报价.txt');
const file = await call('POST', '/attachments', form);

const lead = await call('POST', '/leads', {
  lead: { name: '王五', company_name: '诺德线索公司', address_attributes: { phone: '13800000213' } },
});
await signIn(); // somebody signs in with the same account elsewhere
const turned = await call('POST', `/leads/${lead.id}/turn_to_customer`, {});
const found = await call('GET', `/contacts?query=${encodeURIComponent('张三')}&has_phone=true`);

while (waits === 0) await call('GET', '/customers/filter_sort_group');
console.log(JSON.stringify({
  customers: all.size, today: made, id: customer.id, contacts: customer.contacts.length, status: changed.status,
  status_mapped: changed.status_mapped, wanted_status: options[1].value, duplicate, file: file.id, file_url: file.file_url,
  lead: lead.id, turned: turned.id, turned_name: turned.name, found: found.total_count, sign_ins: signIns, waits,
}));

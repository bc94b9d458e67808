package gen

import (
	"strconv"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/region"
	"guanxi/internal/zh"
)

// The salts keep the dice of different purposes apart.
const (
	saltStaff uint64 = iota + 1
	saltTitle
	saltName
	saltContacts
	saltRecord
)

// record is a customer with everything that is written with it.
type record struct {
	customer crm.Customer
	labels   []int64
	contacts []crm.Contact
}

// maker makes the records of one organization. It is not changed after
// newMaker, so goroutines may share it.
type maker struct {
	names   *Names
	seed    uint64
	index   uint64 // of the organization in its load
	planned int
	title   string
	staff   *staff
	begin   crm.Time
	span    float64 // milliseconds from begin to the last record
}

func newMaker(names *Names, seed int64, index, planned int) *maker {
	m := &maker{names: names, seed: uint64(seed), index: uint64(index), planned: planned, begin: crm.At(epochBegin),
		span: float64(epochEnd.Sub(epochBegin) / time.Millisecond)}
	d := m.roll(saltTitle, 0)
	t := names.p.draw(&d)
	m.title = t.short + names.w.first.draw(&d) + names.w.follow.draw(&d) + names.w.trade.draw(&d) + "有限公司"
	m.staff = newStaff(names, seed, index, planned)
	return m
}

func (m *maker) roll(salt uint64, i int) dice { return roll(m.seed, m.index, salt, uint64(i)) }

// contactCount is how many contacts customer i (from 0) has: 1 to 3, 2 on
// average.
func (m *maker) contactCount(i int) int {
	d := m.roll(saltContacts, i)
	return [4]int{1, 2, 2, 3}[d.n(4)]
}

// contactsBefore is how many contacts the customers before i have together;
// the ids of contacts and addresses follow from it.
func (m *maker) contactsBefore(i int) (n int64) {
	for j := range i {
		n += int64(m.contactCount(j))
	}
	return n
}

// repeats are the customers in a thousand that were entered before: the same
// company under the same name, mostly by another person.
const repeats = 11

// company gives name and seat of customer i.
func (m *maker) company(i int) (name string, t *town, district *region.District) {
	d := m.roll(saltName, i)
	for i > 0 && d.chance(repeats) {
		i = d.n(i)
		d = m.roll(saltName, i)
	}
	t = m.names.p.draw(&d)
	district = m.names.p.district(&d, t)
	return m.names.company(&d, t, district), t, district
}

// The standard options of an organization (service.AddStandards), by field.
const (
	firstStatus, statuses          = 1, 7
	firstCategory, categories      = 8, 3
	firstSource, sources           = 11, 6
	firstIndustry, industries      = 17, 8
	firstSize, sizes               = 25, 5
	firstContactKind, contactKinds = 30, 5
)

// option draws one of n options from first on, or none in some cases.
func option(d *dice, first, n, nonePerMille int) int64 {
	if d.chance(nonePerMille) {
		return 0
	}
	return int64(first + d.n(n))
}

// make fills r with customer i (from 0); before is contactsBefore(i). The slices
// of r are used again.
func (m *maker) make(r *record, i int, before int64) {
	d := m.roll(saltRecord, i)
	name, t, district := m.company(i)
	created := m.moment(&d, float64(i)+d.unit())
	c := &r.customer
	*c = crm.Customer{
		ID: int64(i + 1), Name: name, NamePinyin: zh.Pinyin(name), Approval: crm.Approved,
		Status: option(&d, firstStatus, statuses, 20), Category: option(&d, firstCategory, categories, 150),
		Source: option(&d, firstSource, sources, 200), Industry: option(&d, firstIndustry, industries, 300),
		StaffSize: option(&d, firstSize, sizes, 400), CreatedAt: created, UpdatedAt: m.later(&d, created),
	}
	owner := &m.staff.users[m.staff.sellers[d.n(len(m.staff.sellers))]]
	c.CreatorID = owner.ID
	switch k := d.n(1000); {
	case k < 30:
		c.PoolID = poolID
	case k < 50:
		c.Approval = crm.Applying
		fallthrough
	default:
		c.OwnerID, c.DepartmentID = owner.ID, owner.DepartmentID
	}
	if d.chance(120) {
		c.Note = m.names.w.note.draw(&d)
	}
	if d.chance(200) {
		c.RevisitAt = c.UpdatedAt + crm.Time(1+d.n(60))*24*3600*1000
	}
	if d.chance(250) {
		c.Custom = m.customerValues(&d)
	}
	r.labels = r.labels[:0]
	if d.chance(100) {
		c.Labelled = true
		from := d.n(labels)
		for k := range 1 + d.n(3) {
			r.labels = append(r.labels, int64((from+k)%labels+1))
		}
	}
	m.address(&d, &c.Address, t, district, int64(i)+before+1, c.CreatedAt, c.UpdatedAt)
	if d.chance(600) {
		c.Address.Tel = crm.T(landline(&d, t.code))
	}
	n := m.contactCount(i)
	for len(r.contacts) < n {
		r.contacts = append(r.contacts, crm.Contact{})
	}
	r.contacts = r.contacts[:n]
	for k := range r.contacts {
		m.contact(&d, &r.contacts[k], c, t, before+int64(k)+1, c.Address.ID+int64(k)+1)
	}
}

func (m *maker) contact(d *dice, k *crm.Contact, c *crm.Customer, t *town, id, address int64) {
	name, gender := m.names.person(d)
	py := zh.Pinyin(name)
	*k = crm.Contact{ID: id, CustomerID: c.ID, CreatorID: c.CreatorID, Name: name, NamePinyin: py, Gender: gender,
		Category: option(d, firstContactKind, contactKinds, 500), CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
	if d.chance(150) {
		k.Gender = ""
	}
	if d.chance(700) {
		k.Department = m.names.w.department.draw(d)
	}
	if d.chance(800) {
		k.Job = m.names.w.job.draw(d)
	}
	if d.chance(100) {
		k.BirthDate = strconv.Itoa(1960+d.n(45)) + "-0" + strconv.Itoa(1+d.n(9)) + "-" + strconv.Itoa(10+d.n(19))
	}
	if d.chance(200) {
		k.Custom = crm.Values(`{"` + contactTextField + `":"` + py + `"}`)
	}
	a := &k.Address
	*a = crm.Address{ID: address, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt}
	if d.chance(300) {
		a.CountryID, a.ProvinceID, a.CityID, a.DistrictID =
			c.Address.CountryID, c.Address.ProvinceID, c.Address.CityID, c.Address.DistrictID
		a.Detail = c.Address.Detail
	}
	a.Tel, a.Phone, a.Email = crm.T(""), crm.T(mobile(d)), crm.T("")
	if d.chance(350) {
		a.Tel = crm.T(landline(d, t.code))
	}
	if d.chance(400) {
		a.Email = crm.T(mail(d, py))
	}
	if d.chance(300) {
		a.Wechat = crm.T(digits(py+"_", d, 4))
	}
}

func (m *maker) address(d *dice, a *crm.Address, t *town, district *region.District, id int64, created, updated crm.Time) {
	*a = crm.Address{ID: id, CreatedAt: created, UpdatedAt: updated, Tel: crm.T(""), Phone: crm.T(""), Email: crm.T(""),
		Fax: crm.T(""), Zip: crm.T(""), URL: crm.T(""), Detail: crm.T("")}
	if d.chance(100) {
		return
	}
	a.CountryID, a.ProvinceID, a.CityID = countryID, t.province.ID, t.city.ID
	if district != nil {
		a.DistrictID = district.ID
	}
	w := m.names.w
	detail := w.road.draw(d) + strconv.Itoa(1+d.n(999)) + "号"
	if d.chance(500) {
		detail += m.names.brand(d) + w.place.draw(d) + strconv.Itoa(1+d.n(28)) + "0" + strconv.Itoa(1+d.n(9)) + "室"
	}
	a.Detail = crm.T(detail)
	if d.chance(450) {
		// Within some fifteen kilometres of the middle of the town.
		a.HasPosition = true
		a.Lat = round6(t.lat + (d.unit()+d.unit()-1)*0.14)
		a.Lng = round6(t.lng + (d.unit()+d.unit()-1)*0.16)
	}
}

func round6(f float64) float64 { return float64(int64(f*1e6)) / 1e6 }

// moment is when a record was entered: the records of an organization follow
// one another over the years, each in the hours of work.
func (m *maker) moment(d *dice, position float64) crm.Time {
	at := m.begin + crm.Time(m.span*position/float64(m.planned+1))
	const day = 24 * 3600 * 1000
	at -= (at - m.begin) % day // the beginning of its day, since begin is one
	return at + crm.Time(8*3600*1000+d.n(11*3600*1000))
}

// later is when a record was changed last: often when it was made, never
// after the end of the years.
func (m *maker) later(d *dice, created crm.Time) crm.Time {
	if d.chance(300) {
		return created
	}
	room := int64(m.begin) + int64(m.span) - int64(created)
	return created + crm.Time(float64(room)*d.unit()*d.unit())
}

func (m *maker) customerValues(d *dice) crm.Values {
	b := append(make([]byte, 0, 80), '{')
	if d.chance(800) {
		all := choices()
		b = append(b, `"`+customerSelect+`":"`...)
		b = append(append(b, all[d.n(len(all))].Value...), '"', ',')
	}
	b = append(b, `"`+customerMoney+`":`...)
	return append(strconv.AppendInt(b, int64(1+d.n(500))*1000, 10), '}')
}

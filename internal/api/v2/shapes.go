// Package v2 is the compatible API: the shapes of the wire and the handlers.
// The same thing has several shapes here (an address three, a time two); each
// is one function, in the order of the answer, and none reaches the domain.
package v2

import (
	"strconv"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
)

// shape writes the parts of an answer for one call.
type shape struct {
	*call.Call
	d *crm.Directory
	// from is the caller's position, where the query gave one.
	from *position
	// related are the names of the records that values of custom fields name.
	related map[crm.RecordRef]string
}

type position struct{ lat, lng float64 }

func shapes(c *call.Call) *shape { return &shape{Call: c, d: c.Caller.Directory} }

// clock is a moment of the day and date in +08:00, computed without the time
// package's formatting: ten times stand in one answer.
type clock struct{ y, mo, d, h, mi, s, ms int }

func clockOf(t crm.Time) clock {
	ms := int64(t) + 8*3600*1000
	days := ms / 86_400_000
	rest := int(ms % 86_400_000)
	if rest < 0 {
		rest += 86_400_000
		days--
	}
	// Civil date from days since 1970, counting years from March.
	z := days + 719_468
	era := z / 146_097
	if z < 0 {
		era = (z - 146_096) / 146_097
	}
	doe := z - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	c := clock{y: int(yoe + era*400), mo: int(mp + 3), d: int(doy - (153*mp+2)/5 + 1)}
	if mp >= 10 {
		c.mo -= 12
		c.y++
	}
	c.h, c.mi, c.s, c.ms = rest/3_600_000, rest/60_000%60, rest/1000%60, rest%1000
	return c
}

func (c clock) appendMinute(b []byte) []byte {
	b = pad(append(pad(append(pad4(b, c.y), '-'), c.mo), '-'), c.d)
	return pad(append(pad(append(b, ' '), c.h), ':'), c.mi)
}

func (c clock) appendISO(b []byte) []byte {
	b = pad(append(pad(append(pad4(b, c.y), '-'), c.mo), '-'), c.d)
	b = pad(append(pad(append(pad(append(b, 'T'), c.h), ':'), c.mi), ':'), c.s)
	b = append(b, '.', byte('0'+c.ms/100), byte('0'+c.ms/10%10), byte('0'+c.ms%10))
	return append(b, "+08:00"...)
}

func pad(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

func pad4(b []byte, n int) []byte { return pad(pad(b, n/100), n%100) }

// minute is a time in the minute form, "2019-02-15 17:36"; "" when not set.
func (s *shape) minute(k string, t crm.Time) {
	s.Quote(k)
	if t != 0 {
		s.B = clockOf(t).appendMinute(s.B)
	}
	s.Unquote()
}

// iso is a time in the ISO form, "2014-11-07T10:11:02.000+08:00"; "" when not
// set.
func (s *shape) iso(k string, t crm.Time) {
	s.Quote(k)
	if t != 0 {
		s.B = clockOf(t).appendISO(s.B)
	}
	s.Unquote()
}

// text is a text or null.
func (s *shape) text(k string, t crm.Text) {
	if t.Set {
		s.String(k, t.Value)
	} else {
		s.Null(k)
	}
}

// id is a number, or null for 0.
func (s *shape) id(k string, v int64) {
	if v == 0 {
		s.Null(k)
	} else {
		s.Int(k, v)
	}
}

// option is a select of the system: the id as a string and its label beside
// it, both "" when not set.
func (s *shape) option(k, mapped string, id int64) {
	s.Quote(k)
	if id != 0 {
		s.B = strconv.AppendInt(s.B, id, 10)
	}
	s.Unquote()
	s.String(mapped, s.d.OptionLabel(id))
}

func (s *shape) labels(labels []crm.Label) {
	s.Array("labels")
	for _, l := range labels {
		s.Object("")
		s.Int("id", l.ID)
		s.String("name", l.Name)
		s.String("color", l.Color)
		s.End()
	}
	s.EndArray()
}

func (s *shape) approval(a crm.Approval) {
	s.String("approve_status", string(a))
	s.String("approve_status_i18n", a.Label())
}

// user is a person inside another answer (owner, creator); {} where there is
// none.
func (s *shape) user(k string, id int64) {
	s.Object(k)
	if u := s.d.Users[id]; u != nil {
		s.Int("id", u.ID)
		s.String("email", u.Email)
		s.minute("created_at", u.CreatedAt)
		s.String("name", u.Name)
		s.Int("organization_id", s.d.Organization.ID)
		s.String("phone", u.Phone)
		s.Int("role_id", u.RoleID)
		s.String("workflow_state", u.State)
		s.String("job", u.Job)
		s.String("tel", u.Tel)
		s.avatar("avatar_url", u)
		s.String("department_name", s.d.DepartmentName(u.DepartmentID))
	}
	s.End()
}

const avatarSuffix = "?imageMogr2/thumbnail/!100x100r/crop/!100x100/format/jpg/auto-orient"

// avatar is the link to a person's picture, or to a drawn one.
func (s *shape) avatar(k string, u *crm.User) {
	s.Quote(k)
	s.B = append(s.B, s.Base...)
	switch {
	case u.AvatarID != 0:
		s.B = s.Links.AppendFile(s.B, s.Now, s.d.Organization.ID, u.AvatarID, u.AvatarName)
		s.B = append(s.B, avatarSuffix...)
	case u.Gender == "female":
		s.B = append(s.B, "/assets/female_uc.jpg"...)
	default:
		s.B = append(s.B, "/assets/male_uc.jpg"...)
	}
	s.Unquote()
}

// link is the absolute link to an attachment.
func (s *shape) link(k string, a *crm.Attachment, suffix string) {
	s.Quote(k)
	s.B = append(s.B, s.Base...)
	s.B = s.Links.AppendFile(s.B, s.Now, s.d.Organization.ID, a.ID, a.FileName)
	s.B = append(s.B, suffix...)
	s.Unquote()
}

// rawAttachment is an attachment as the origin's row; {} where there is none.
func (s *shape) rawAttachment(k string, a *crm.Attachment) {
	s.Object(k)
	if a != nil {
		s.Int("id", a.ID)
		s.String("name", a.Name)
		s.Int("attachmentable_id", a.OwnerID)
		s.String("attachmentable_type", a.OwnerType)
		s.iso("created_at", a.CreatedAt)
		s.iso("updated_at", a.UpdatedAt)
		s.String("file_file_name", a.FileName)
		s.String("file_content_type", a.ContentType)
		s.Int("file_file_size", a.Size)
		s.iso("file_updated_at", a.UpdatedAt)
		s.Int("user_id", a.UserID)
		s.Int("organization_id", s.d.Organization.ID)
		s.Null("deleted_at")
		s.text("note", crm.Text{Value: a.Note, Set: a.Note != ""})
		s.String("sub_type", a.SubType)
		s.Fixed(`"qiniu_persistent_id":"","attachment_position":null,"wx_media_id":null`)
		s.link("file_url", a, "")
	}
	s.End()
}

// attachment is an attachment as shown to people; {} where there is none.
func (s *shape) attachment(k string, a *crm.Attachment) {
	s.Object(k)
	if a != nil {
		s.Int("id", a.ID)
		slim := ""
		if len(a.ContentType) > 6 && a.ContentType[:6] == "image/" {
			slim = "?imageslim"
		}
		s.link("file_url", a, slim)
		s.link("origin_url", a, "")
		s.link("public_url", a, "")
		s.String("name", a.Name)
		s.String("file_file_name", a.FileName)
		s.String("file_content_type", a.ContentType)
		s.Int("file_file_size", a.Size)
		s.Int("attachmentable_id", a.OwnerID)
		s.String("attachmentable_type", a.OwnerType)
		s.minute("upload_time", a.CreatedAt)
		s.String("note", a.Note)
		s.String("sub_type", a.SubType)
		s.Null("wx_media_id")
	}
	s.End()
}

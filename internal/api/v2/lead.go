package v2

import (
	"context"

	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// Lead answers GET /api/v2/leads/:id: the full picture of one lead.
func Lead(c *call.Call) error { return lead(c, c.Service.LeadDetail) }

// PoolLead answers GET /api/v2/common_leads/:id: of a lead that lies in a pool.
func PoolLead(c *call.Call) error { return lead(c, c.Service.PoolLeadDetail) }

func lead(c *call.Call, read func(context.Context, *service.Caller, int64) (*crm.LeadDetail, error)) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	show, err := leadShower(c)
	if err != nil {
		return err
	}
	k, err := read(c.Context(), c.Caller, id)
	if err != nil {
		return err
	}
	return show(k)
}

// leadShower gives what answers with a lead's detail. It is an error when the
// caller's position is none, so it is asked for before a write.
func leadShower(c *call.Call) (func(*crm.LeadDetail) error, error) {
	s := shapes(c)
	if err := s.callerPosition(); err != nil {
		return nil, err
	}
	return func(k *crm.LeadDetail) error {
		s.d = c.Caller.Directory
		s.data(func() { s.leadDetail(k) })
		return nil
	}, nil
}

// LeadsByName answers GET /api/v2/leads/by_name: the leads with exactly the name
// that query, or name, says.
func LeadsByName(c *call.Call) error {
	q, p, err := listQuery(c, "lead")
	if err != nil {
		return err
	}
	if q.Text == "" {
		q.Text = p.String("name")
	}
	if turned, _, err := p.Bool("turned_to_customer"); err != nil {
		return call.BadField("lead", err)
	} else if turned && q.Tab == "" {
		q.Tab = "turned"
	}
	items, page, err := c.Service.LeadsByName(c.Context(), c.Caller, q)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page("leads", page, len(items), func(i int) { s.leadListItem(&items[i]) })
	return nil
}

// CreateLead answers POST /api/v2/leads with the new lead's detail.
func CreateLead(c *call.Call) error {
	_, in, err := body(c, "lead")
	if err != nil {
		return err
	}
	return createLead(c, in, 0)
}

// CreatePoolLead answers POST /api/v2/common_leads: a lead in the pool common_id.
func CreatePoolLead(c *call.Call) error {
	p, in, err := body(c, "lead")
	if err != nil {
		return err
	}
	pool, err := oneID(p, "pool", "common_id")
	if err != nil {
		return err
	}
	return createLead(c, in, pool)
}

func createLead(c *call.Call, in *reader, pool int64) error {
	l := &crm.Lead{PoolID: pool}
	if err := in.lead(l); err != nil {
		return err
	}
	show, err := leadShower(c)
	if err != nil {
		return err
	}
	return c.Service.CreateLead(c.Context(), c.Caller, l, show)
}

// UpdateLead answers PUT /api/v2/leads/:id with the lead's detail as it is then.
// What is not sent stays.
func UpdateLead(c *call.Call) error { return updateLead(c, c.Service.UpdateLead) }

// UpdatePoolLead answers PUT /api/v2/common_leads/:id likewise.
func UpdatePoolLead(c *call.Call) error { return updateLead(c, c.Service.UpdatePoolLead) }

func updateLead(c *call.Call, update func(context.Context, *service.Caller, int64, func(*crm.Lead) error, func(*crm.LeadDetail) error) error) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	_, in, err := body(c, "lead")
	if err != nil {
		return err
	}
	show, err := leadShower(c)
	if err != nil {
		return err
	}
	return update(c.Context(), c.Caller, id, func(draft *crm.Lead) error {
		return in.fresh(c).lead(draft)
	}, show)
}

// changeLead answers a change of one lead with its detail.
func changeLead(c *call.Call, change func(id int64, show func(*crm.LeadDetail) error) error) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	show, err := leadShower(c)
	if err != nil {
		return err
	}
	return change(id, show)
}

// DeleteLead answers DELETE /api/v2/leads/:id with the lead as it was.
func DeleteLead(c *call.Call) error {
	return changeLead(c, func(id int64, show func(*crm.LeadDetail) error) error {
		return c.Service.DeleteLead(c.Context(), c.Caller, id, show)
	})
}

// DeletePoolLead answers DELETE /api/v2/common_leads/:id with the lead as it was.
func DeletePoolLead(c *call.Call) error {
	return changeLead(c, func(id int64, show func(*crm.LeadDetail) error) error {
		return c.Service.DeletePoolLead(c.Context(), c.Caller, id, show)
	})
}

// TakeLead answers POST /api/v2/leads/:id/take with the lead's detail and, as
// the message, its name.
func TakeLead(c *call.Call) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	s := shapes(c)
	if err := s.callerPosition(); err != nil {
		return err
	}
	return c.Service.TakeLead(c.Context(), c.Caller, id, func(k *crm.LeadDetail) error {
		s.d = c.Caller.Directory
		s.Object("")
		s.Int("code", 0)
		s.Object("data")
		s.leadDetail(k)
		s.End()
		s.String("message", k.Name)
		s.End()
		return nil
	})
}

// TransferLead answers POST /api/v2/leads/:id/update_user with the lead's detail.
func TransferLead(c *call.Call) error { return transferLead(c, c.Service.TransferLead) }

// TransferPoolLead answers PUT /api/v2/common_leads/:id/transfer with the lead's
// detail.
func TransferPoolLead(c *call.Call) error { return transferLead(c, c.Service.TransferPoolLead) }

func transferLead(c *call.Call, transfer func(context.Context, *service.Caller, int64, int64, func(*crm.LeadDetail) error) error) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	return changeLead(c, func(id int64, show func(*crm.LeadDetail) error) error {
		user, err := newOwner(p)
		if err != nil {
			return err
		}
		return transfer(c.Context(), c.Caller, id, user, show)
	})
}

// newOwner reads user_id, which clients send by itself or inside lead.
func newOwner(p *param.Params) (int64, error) {
	if v := p.Get("lead"); !p.Given("user_id") && v.Kind() == param.KindObject {
		return idOf(v, "lead", "user_id")
	}
	return oneID(p, "lead", "user_id")
}

// PoolALead answers PUT /api/v2/leads/:id/turn_common with the lead's detail.
func PoolALead(c *call.Call) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	return changeLead(c, func(id int64, show func(*crm.LeadDetail) error) error {
		pool, err := oneID(p, "pool", "common_id")
		if err != nil {
			return err
		}
		return c.Service.PoolLead(c.Context(), c.Caller, id, pool, show)
	})
}

// LeadPoolMembers answers GET /api/v2/common_leads/:id/members.
func LeadPoolMembers(c *call.Call) error { return poolMembers(c, c.Service.LeadPoolMembers) }

// poolMembers answers with a page of the members of a pool, of which the origin
// writes the list last.
func poolMembers(c *call.Call, read func(*service.Caller, int64, *crm.ListQuery) ([]*crm.User, crm.ListPage, error)) error {
	id, ok := pathID(c)
	if !ok {
		return crm.ErrNotFound
	}
	p, err := c.Params()
	if err != nil {
		return err
	}
	q := &crm.ListQuery{Text: p.String("query")}
	if q.Page, q.PerPage, err = paging(p); err != nil {
		return err
	}
	members, page, err := read(c.Caller, id, q)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.data(func() {
		s.Int("total_count", int64(page.Total))
		s.Int("per_page", int64(page.PerPage))
		s.Int("page", int64(page.Page))
		s.Bool("has_next_page", page.More)
		s.Array("members")
		for _, u := range members {
			s.user("", u.ID)
		}
		s.EndArray()
	})
	return nil
}

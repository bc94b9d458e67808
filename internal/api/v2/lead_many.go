package v2

import (
	"guanxi/internal/api/call"
	"guanxi/internal/api/param"
	"guanxi/internal/service"
)

// severalLeads reads ids and answers with what became of each.
func severalLeads(c *call.Call, do func(p *param.Params, ids []int64, show func(*service.Several) error) error) error {
	p, err := c.Params()
	if err != nil {
		return err
	}
	of, err := some(p, "lead", "ids")
	if err != nil {
		return err
	}
	return do(p, of, showSeveral(c))
}

// TakeLeads answers POST /api/v2/leads/take.
func TakeLeads(c *call.Call) error {
	return severalLeads(c, func(_ *param.Params, ids []int64, show func(*service.Several) error) error {
		return c.Service.TakeLeads(c.Context(), c.Caller, ids, show)
	})
}

// TransferLeads answers PUT /api/v2/leads/update_user.
func TransferLeads(c *call.Call) error {
	return severalLeads(c, func(p *param.Params, ids []int64, show func(*service.Several) error) error {
		user, err := newOwner(p)
		if err != nil {
			return err
		}
		return c.Service.TransferLeads(c.Context(), c.Caller, ids, user, show)
	})
}

// PoolSeveralLeads answers PUT /api/v2/leads/turn_common.
func PoolSeveralLeads(c *call.Call) error {
	return severalLeads(c, func(p *param.Params, ids []int64, show func(*service.Several) error) error {
		pool, err := oneID(p, "pool", "common_id")
		if err != nil {
			return err
		}
		return c.Service.PoolLeads(c.Context(), c.Caller, ids, pool, show)
	})
}

// DeleteLeads answers DELETE /api/v2/leads. Without ids it is an error.
func DeleteLeads(c *call.Call) error {
	return severalLeads(c, func(_ *param.Params, ids []int64, show func(*service.Several) error) error {
		return c.Service.DeleteLeads(c.Context(), c.Caller, ids, show)
	})
}

package service

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"guanxi/internal/crm"
	"guanxi/internal/job"
	"guanxi/internal/store"
)

// This file takes labels that were deleted from the customers that have them.

const removeLabelKind = "labels.remove"

type labelOrder struct {
	Label int64 `json:"label"`
}

// labelPlace is how far such a job has come in the labels of customers.
type labelPlace struct {
	Customer int64 `json:"customer"`
	Label    int64 `json:"label"`
}

func enqueueLabel(w *store.Write, label, user int64, at crm.Time) error {
	id := strconv.FormatInt(label, 10)
	_, err := w.Enqueue(0, crm.NewJob{Kind: removeLabelKind, Key: id, Payload: `{"label":` + id + `}`, UserID: user, At: at})
	return err
}

// removeLabel takes a label from all customers, each with its row of the
// operation log, and deletes it then. Nobody can put it on a customer meanwhile.
func (s *Service) removeLabel(ctx context.Context, run *job.Run) error {
	var order labelOrder
	if err := run.Payload(&order); err != nil {
		return err
	}
	return s.pages(ctx, run, func(w *store.Write, c *Caller, place string) (string, int, bool, error) {
		var at labelPlace
		if place != "" {
			if err := json.Unmarshal([]byte(place), &at); err != nil {
				return "", 0, false, err
			}
		}
		var found []int64
		customer, label, more, err := w.LabelledAfter(c.Org(), at.Customer, at.Label, walkPage, func(customer, label int64) {
			if label == order.Label {
				found = append(found, customer)
			}
		})
		if err != nil {
			return "", 0, false, err
		}
		for _, id := range found {
			if err := s.unlabel(w, c, id, order.Label); err != nil {
				return "", 0, false, err
			}
		}
		if more {
			next, err := json.Marshal(labelPlace{customer, label})
			return string(next), len(found), len(found) > 0, err
		}
		if err := w.DeleteLabel(order.Label); err != nil && !errors.Is(err, store.ErrNoRow) {
			return "", 0, false, err
		}
		return "", len(found), len(found) > 0, nil
	})
}

func (s *Service) unlabel(w *store.Write, c *Caller, customer, label int64) error {
	had, err := w.CustomerLabels(c.Org(), customer)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(had), func(id int64) bool { return id == label })
	if err := w.RemoveCustomerLabel(customer, label, len(left) > 0); err != nil {
		return err
	}
	return s.note(w, c, "customer", customer, "update", record{"labels": had}, record{"labels": left})
}

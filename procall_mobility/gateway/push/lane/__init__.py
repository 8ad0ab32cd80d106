"""One lane: all pushes that go to one provider with one credential."""

"""A machine on a reactor's clock: outputs in order, one alarm."""

from attrs import define, field
from twisted.internet.task import Clock

from procall_mobility.transports.pump import Household, Pump


@define
class Machine:
    outputs: list[str] = field(factory=list)
    at: float | None = None
    woken: list[float] = field(factory=list)

    def wake_at(self) -> float | None:
        return self.at

    def wake(self, now: float) -> None:
        self.woken.append(now)
        self.at = None

    def take(self) -> list[str]:
        outputs, self.outputs = self.outputs, []
        return outputs


def pumped(machine: Machine, clock: Clock) -> tuple[Pump[str], list[str]]:
    done: list[str] = []

    def perform(output: str) -> None:
        done.append(output)
        if output == "more":
            machine.outputs.append("later")
            pump.run()

    pump: Pump[str] = Pump(machine, perform, Household(reactor=clock, now=clock.seconds))
    return pump, done


def test_outputs_that_bring_forth_others_stay_in_order() -> None:
    machine = Machine(["more", "second"])
    pump, done = pumped(machine, Clock())
    pump.run()
    assert done == ["more", "second", "later"]


def test_the_alarm_rings_once_and_early_enough() -> None:
    clock, machine = Clock(), Machine(at=10.0)
    pump, _ = pumped(machine, clock)
    pump.run()
    machine.at = 20.0
    pump.run()
    assert len(clock.getDelayedCalls()) == 1
    machine.at = 5.0
    pump.run()
    clock.advance(5.0)
    assert machine.woken == [5.0]
    assert clock.getDelayedCalls() == []


def test_a_stopped_pump_leaves_no_alarm() -> None:
    clock, machine = Clock(), Machine(at=10.0)
    pump, _ = pumped(machine, clock)
    pump.run()
    pump.stop()
    assert clock.getDelayedCalls() == []

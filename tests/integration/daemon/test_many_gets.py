"""What thousands of gets leave behind: nothing. `scripts/bench slope` is the long form, with 20,000 identities."""

from rig_crowd import Crowd
from rig_ecr import DEV, PROD
from rig_home import environment_of
from rig_process import descriptors, private_memory, wait_until
from rig_world import ECR

GETS, AT_ONCE = 3000, 300
MORE_KIB = 256  # a page here and there; 90 bytes a get


def test_memory_and_descriptors_are_flat_over_many_gets(home, folder):
    daemon = home.start_daemon()
    keys = (PROD, DEV)

    def ask(gets: int) -> None:
        for number in range(gets // AT_ONCE):
            home.environment.update(environment_of(keys[number % len(keys)]))
            for answer in Crowd(home, folder, ECR, AT_ONCE).answers():
                answer.secret()

    ask(AT_ONCE * len(keys))
    opened, resident = descriptors(daemon.pid), private_memory(daemon.pid)
    ask(GETS)
    wait_until(lambda: descriptors(daemon.pid) <= opened, 5, "descriptors that nobody closes")
    assert private_memory(daemon.pid) - resident < MORE_KIB

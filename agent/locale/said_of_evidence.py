"""What is said of evidence. `agent.locale.sentences` says it in other languages."""

from agent.locale.catalogue import N_

EVIDENCE = (
    # evidence over SSH
    N_("{address} port {port}"),
    N_("It was still printing after {limit} s; what came until then is kept."),
    N_("No prompt came back after {limit} s; what came until then is kept."),
    N_("The connection was lost in the middle; what came until then is kept."),
    N_("It printed more than {size} MB; the rest was left."),
    N_("The connection was lost before this could be asked."),
    N_("The connection was lost before it printed anything."),
    N_("An earlier command would not stop printing."),
    N_("The device refused: {said}"),
    N_("The device refused {count} of {asked} commands: {said}"),
    N_("{device} has no SSH credentials in the inventory."),
    N_("The private key {file} cannot be used: {cause}."),
    N_("The file of known host keys, {file}, is not there."),
    N_("The known host keys cannot be read or written: {cause}."),
    N_("The host key of {where} ({key}) is marked as revoked."),
    N_(
        "The host key of {where} has changed: known is {known}, shown was {key}. Somebody may be in between, or the"
        " device was replaced: check, then run netcase hostkeys accept."
    ),
    N_("The host key of {where} is not known: {key}. Check it, then run netcase hostkeys accept."),
    N_(
        "The host key of {where} is not known: {key}. A certificate authority vouches for it, which is not read here."
        " Check it, then run netcase hostkeys accept."
    ),
    N_("Jump host {name}: {cause}"),
    N_("Jump host {name} does not let us through to {where}."),
    N_("Jump host {name} cannot reach {where}."),
    N_("Jump host {name} did not lead us to {where} in time."),
    N_("{where} did not accept the user name “{user}” with its password."),
    N_("{where} did not accept the user name “{user}” with its key."),
    N_("There is no password and no key to log in to {where} with."),
    N_("{where} and we have no SSH algorithm in common."),
    N_("{where} refused the connection."),
    N_("There is no route to {where}."),
    N_("{where} dropped the connection while we logged in."),
    N_("{where} let us in, but its prompt was not recognised: is its platform {platform}?"),
    N_("{where} cannot be reached."),
    N_("{where} let us in, but did not accept the enable secret."),
    # the read-only guard
    N_("There is no command for “{topic}” on {platform}."),
    N_("{platform} has no command for “{topic}”: {cause}"),
    N_("The device's platform is not known, so no command can be chosen. Name it in the inventory."),
    N_("No commands are known for the platform “{platform}”, only for: {names}."),
    N_("“{topic}” needs to be told: {names}."),
    N_("Commands take no parameter “{name}”."),
    N_("{said} is no interface name that may stand in a command."),
    N_("{said} is no IP address."),
    N_("{said} has a zone, which may not stand in a command."),
    N_("Refused: {said} may not stand in a command that only reads."),
    N_("Refused: “{said}” is not on {platform}'s list of commands that only read."),
    N_("Its optical readings are told per interface, by the topic interface."),
    N_("It does not tell optical readings."),
    N_("Devices of this platform do not stack: what stands in for another is told by the topic redundancy."),
    N_("It keeps no list of alarms: they stand in the log and in the environment."),
    N_("It is told as one piece, by the topic inventory."),
    N_("It tells no reason of a restart but in its log."),
    N_("No command is known that tells its SNMP agent's state without its communities."),
    N_("It saves every change as it is made."),
    N_("It has no command that compares the running with the saved configuration."),
    N_("Who changed it stands in its log."),
    N_("No command is known that tells it."),
    N_("It needs no licence."),
)

from agent.demo.cli.command import Commands

COMMANDS: Commands = ()

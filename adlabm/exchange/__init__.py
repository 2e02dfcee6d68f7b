"""The exchange: the Mesa agent, and the ADL step of its waterfall."""

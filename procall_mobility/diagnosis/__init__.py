"""What is wrong with this machine and its settings, in plain words, and what helps.

`facts` looks at the machine and decides nothing; `judgements` decides and looks at nothing.
`examination` puts both together.  No daemon has to run.
"""

from procall_mobility.diagnosis.examination import Wishes as Wishes
from procall_mobility.diagnosis.examination import diagnose as diagnose
from procall_mobility.diagnosis.findings import Finding as Finding
from procall_mobility.diagnosis.findings import State as State

#!/usr/bin/python3
"""accounts.py USERS_TSV: makes this domain's accounts of the table. Runs inside the view of a running controller and
works on its local database, once: the accounts must not exist yet."""

import csv
import sys
import time

import ldb
from samba import dsdb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

ACCOUNTDISABLE = 0x2
PASSWD_NOTREQD = 0x20
NORMAL_ACCOUNT = 0x200
SMARTCARD_REQUIRED = 0x40000

SECOND = 10_000_000  # in units of 100 ns, in which AD counts; durations are negative
DAY = 86_400 * SECOND
NEVER = -(2**63)
A_DAY_LONG_AGO = 132_223_104_000_000_000  # 2020-01-01 as FILETIME

# In which order the states of one account are made: a flag last, since setting a password can change flags.
STATES = (
    "administrator", "service", "normal", "load",
    "account-expired", "must-change", "logon-hours", "workstation", "protected",
    "password-expired", "locked", "lockable",
    "disabled", "smartcard", "no-password",
)


class Domain:
    def __init__(self):
        parameters = LoadParm()
        parameters.load_default()
        self.sam = SamDB(session_info=system_session(), lp=parameters)
        self.base = str(self.sam.domain_dn())
        self.name = self.sam.domain_dns_name()

    def dn(self, account):
        return ldb.Dn(self.sam, f"CN={account},CN=Users,{self.base}")

    def replace(self, dn, controls=None, **values):
        message = ldb.Message(dn)
        for name, value in values.items():
            message[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
        self.sam.modify(message, controls=controls or [])

    def remove(self, dn, attribute):
        message = ldb.Message(dn)
        message[attribute] = ldb.MessageElement([], ldb.FLAG_MOD_DELETE, attribute)
        self.sam.modify(message)

    def set_policy(self):
        """Lockout out of the way of tests, yet badPwdCount counts (it would not at threshold 0). Passwords never
        expire: a snapshot must not age."""
        self.replace(
            ldb.Dn(self.sam, self.base),
            lockoutThreshold="999",
            lockoutDuration=str(-1800 * SECOND),
            lockOutObservationWindow=str(-1800 * SECOND),
            minPwdAge="0",
            maxPwdAge=str(NEVER),
        )

    def add_password_settings(self, name, accounts, max_age=NEVER, threshold=0, duration=0, window=0):
        """A fine-grained password policy for these accounts. A duration of 0 means: until an administrator unlocks."""
        self.sam.add({
            "dn": f"CN={name},CN=Password Settings Container,CN=System,{self.base}",
            "objectClass": "msDS-PasswordSettings",
            "msDS-PasswordSettingsPrecedence": "1",
            "msDS-PasswordReversibleEncryptionEnabled": "FALSE",
            "msDS-PasswordHistoryLength": "24",
            "msDS-PasswordComplexityEnabled": "TRUE",
            "msDS-MinimumPasswordLength": "7",
            "msDS-MinimumPasswordAge": "0",
            "msDS-MaximumPasswordAge": str(max_age),
            "msDS-LockoutThreshold": str(threshold),
            "msDS-LockoutDuration": str(duration),
            "msDS-LockoutObservationWindow": str(window),
            "msDS-PSOAppliesTo": [str(self.dn(account)) for account in accounts],
        })

    def create(self, row):
        account, dn = row["account"], self.dn(row["account"])
        password = None if row["password"] == "-" else row["password"]
        self.sam.newuser(account, password, setpassword=password is not None)
        if row["upn"] == "-":
            self.remove(dn, "userPrincipalName")
        else:
            self.replace(dn, userPrincipalName=row["upn"])
        if row["mail"] != "-":
            addresses = row["mail"].split(",")
            kinds = ["SMTP"] + ["smtp"] * (len(addresses) - 1)  # capitals mark the primary address
            self.replace(dn, mail=addresses[0], proxyAddresses=[f"{k}:{a}" for k, a in zip(kinds, addresses)])

    def expire_password(self, accounts):
        """A maximum age of two days (one day or less would mean never) and a password set long ago."""
        self.add_password_settings("lab-password-expired", accounts, max_age=-2 * DAY)
        for account in accounts:
            self.replace(
                self.dn(account),
                controls=[f"local_oid:{dsdb.DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID}:0"],
                pwdLastSet=str(A_DAY_LONG_AGO),
            )

    def make_all(self, rows, by_state):
        self.set_policy()
        for row in rows:
            if row["state"] != "administrator":
                self.create(row)
        for state in STATES:
            if state in by_state:
                self.make_state(state, by_state[state])

    def make_state(self, state, accounts):
        if state == "password-expired":
            self.expire_password(accounts)
        elif state == "locked":  # the wrong passwords come later, over LDAPS
            self.add_password_settings("lab-locked", accounts, threshold=3, duration=0, window=-1800 * SECOND)
        elif state == "lockable":
            self.add_password_settings(
                "lab-lockable", accounts, threshold=5, duration=-30 * SECOND, window=-30 * SECOND)
        elif state == "protected":
            self.sam.add_remove_group_members("Protected Users", accounts, add_members_operation=True)
        else:
            for account in accounts:
                self.make_account_state(state, self.dn(account))

    def make_account_state(self, state, dn):
        if state == "account-expired":
            self.replace(dn, accountExpires=str(A_DAY_LONG_AGO))
        elif state == "must-change":
            self.replace(dn, pwdLastSet="0")
        elif state == "logon-hours":
            self.replace(dn, logonHours=bytes(21))
        elif state == "workstation":
            self.replace(dn, userWorkstations="WS1,WS2")
        elif state == "disabled":
            self.replace(dn, userAccountControl=str(NORMAL_ACCOUNT | ACCOUNTDISABLE))
        elif state == "smartcard":
            self.replace(dn, userAccountControl=str(NORMAL_ACCOUNT | SMARTCARD_REQUIRED))
        elif state == "no-password":
            self.replace(dn, userAccountControl=str(NORMAL_ACCOUNT | PASSWD_NOTREQD))


def read_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def main():
    started = time.monotonic()
    domain = Domain()
    rows = [row for row in read_table(sys.argv[1]) if row["domain"] == domain.name]
    by_state = {}
    for row in rows:
        for state in row["state"].split("+"):
            by_state.setdefault(state, []).append(row["account"])
    unknown = sorted(set(by_state) - set(STATES))
    if unknown:
        sys.exit(f"{sys.argv[1]}: unknown states: {', '.join(unknown)}")

    domain.sam.transaction_start()
    try:
        domain.make_all(rows, by_state)
    except BaseException:
        domain.sam.transaction_cancel()
        raise
    domain.sam.transaction_commit()
    print(f"{domain.name}: {len(rows)} accounts in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()

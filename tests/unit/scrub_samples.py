# ruff: noqa: E501
"""Pieces of configuration in each vendor's documented form, with invented secrets between ⟦ and ⟧; nothing else is one."""

CISCO_IOS = r"""
service password-encryption
hostname edge-1
enable secret 5 ⟦$1$mERr$hx5rVt7rPNoS4wqbXKX7m0⟧
enable secret 8 ⟦$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs⟧
enable secret 9 ⟦$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM⟧
enable secret 4 ⟦tnhtc92DXBhelxjYk8LWJrPV36S2i4ntXrpb4RFmfqY⟧
enable password level 7 7 ⟦0822455D0A16⟧
enable password ⟦hunter2⟧
username admin privilege 15 secret 0 ⟦Sup3rS3cret⟧
username netops password 7 ⟦0822455D0A17⟧
username x privilege 15 password 6 ⟦FfXZbTT^SQ\iDYMNfJeQU⟧
username y algorithm-type scrypt secret ⟦scrypted1⟧
key config-key password-encrypt ⟦masterKey1⟧
aaa new-model
aaa authentication login default group tacacs+ local
tacacs-server host 10.0.0.5 key 7 ⟦070C285F4D06⟧
tacacs-server key ⟦t4c4cs⟧
tacacs server T1
 address ipv4 10.0.0.5
 key 7 ⟦060506324F41⟧
radius-server host 10.0.0.6 auth-port 1812 acct-port 1813 key ⟦r4dius⟧
radius-server key 7 ⟦14141B180F0B⟧
radius server R1
 address ipv4 10.0.0.6 auth-port 1812 acct-port 1813
 pac key 7 ⟦094F471A1A0C⟧
 key ⟦radKey⟧
aaa group server radius G
 server-private 10.0.0.7 auth-port 1812 acct-port 1813 key 7 ⟦13061E010804⟧
aaa server radius dynamic-author
 client 10.0.0.8 server-key 7 ⟦045802150C2F⟧
key chain OSPF
 key 1
  key-string 7 ⟦1511021F0725⟧
  cryptographic-algorithm hmac-sha-256
crypto isakmp key ⟦vpnPsk⟧ address 0.0.0.0
crypto isakmp key 6 ⟦EOTbXhSA\KBfYUHgPN⟧ address 10.1.1.1
crypto keyring K
  pre-shared-key address 10.2.2.2 key ⟦vpnPsk3⟧
crypto ikev2 keyring K2
 peer P
  pre-shared-key local ⟦vpnPsk2⟧
  pre-shared-key remote 6 ⟦ZZTbXhSAKBfYUHgPN⟧
crypto key generate rsa
crypto pki certificate chain TP
 certificate self-signed 01
  30820229 30820192 A0030201 02020101 300D0609 2A864886 F70D0101 05050030
  quit
interface GigabitEthernet0/1
 description uplink, password policy of the customer applies
 ip ospf authentication message-digest
 ip ospf message-digest-key 1 md5 7 ⟦094F471A1A0A⟧
 ip ospf authentication-key 7 ⟦094F471A1A0B⟧
 isis password ⟦isisPw⟧ level-2
 isis authentication mode md5
 standby 1 authentication md5 key-string 7 ⟦0307580507⟧
 standby 1 authentication md5 key-chain HSRP
 standby 2 authentication ⟦hsrpPw⟧
 vrrp 1 authentication text ⟦vrrpPw⟧
 vrrp 2 authentication md5 key-string ⟦vrrpMd5⟧
 glbp 1 authentication md5 key-string ⟦glbpMd5⟧
 ppp authentication chap pap
 ppp chap hostname edge-1
 ppp chap password 0 ⟦chapPw⟧
 ppp pap sent-username edge password 7 ⟦01100F175804⟧
 wpa-psk ascii 0 ⟦wifiPassw0rd⟧
 ip rip authentication mode md5
 ip nhrp authentication ⟦nhrpPw⟧
router eigrp NAME
 address-family ipv4 unicast autonomous-system 1
  af-interface default
   authentication mode hmac-sha-256 ⟦eigrpPw⟧
router isis
 area-password ⟦areaPw⟧
 domain-password ⟦domainPw⟧
router bgp 65000
 neighbor 10.0.0.2 remote-as 65001
 neighbor 10.0.0.2 password 7 ⟦13061E010803⟧
 neighbor 10.0.0.2 send-community both
 neighbor PEERS password ⟦bgpPw1⟧
mpls ldp neighbor 10.0.0.9 password 7 ⟦110A1016141D⟧
ip community-list standard BLUE permit 65000:1
snmp-server community ⟦s3cr3tRO⟧ RO 99
snmp-server community ⟦s3cr3tRW⟧ view ALL RW
snmp-server group OPS v3 priv read ALL
snmp-server user monitor OPS v3 auth sha ⟦authKey99⟧ priv aes 128 ⟦privKey99⟧
snmp-server user monitor OPS v3 encrypted auth md5 ⟦0A:1B:2C⟧ priv des ⟦3D:4E:5F⟧ access 99
snmp-server host 10.0.0.1 version 2c ⟦trapsecret⟧
snmp-server host 10.0.0.1 vrf Mgmt informs version 2c ⟦trapsecret2⟧ udp-port 1162
snmp-server host 10.0.0.2 ⟦trapsecret3⟧
snmp-server host 10.0.0.3 version 3 priv monitor
snmp mib community-map ⟦mapped1⟧ engineid 1234
snmp-server enable traps snmp authentication linkdown linkup
ntp authentication-key 1 md5 ⟦0822455D0A18⟧ 7
ntp authenticate
ntp trusted-key 1
ip ftp username backup
ip ftp password 7 ⟦0822455D0A19⟧
ip http client password ⟦httpPw⟧
archive
 path ftp://backup:⟦ftpPass⟧@10.0.0.1/conf
line vty 0 4
 password 7 ⟦14141B180F0C⟧
 login local
"""
CISCO_XR = r"""
username netops
 group root-lr
 secret 10 ⟦$6$7DgqV/CRqWhc5V/.$sZbyrYRW0NUBJp8jGBDJYcvHdzTi5yH5YHjF9qBvZ3mJ⟧
 password 7 ⟦094F471A1A0A⟧
tacacs-server host 10.0.0.5 port 49
 key 7 ⟦0822455D0A16⟧
radius-server host 10.0.0.6 auth-port 1812 acct-port 1813
 key 7 ⟦13061E010803⟧
snmp-server community encrypted ⟦0802455D0A16⟧ RO
snmp-server community clear ⟦plainRO⟧ RO SystemOwner
snmp-server user mon OPS v3 auth sha encrypted ⟦094F471A1A0A⟧ priv aes 128 encrypted ⟦0822455D0A16⟧
snmp-server host 10.0.0.1 traps version 2c encrypted ⟦0307580507⟧ udp-port 162
ntp
 authentication-key 1 md5 encrypted ⟦0612002E474D⟧
key chain OSPF
 key 1
  key-string password ⟦104D000A0618⟧
  cryptographic-algorithm HMAC-MD5
router ospf 1
 area 0
  interface TenGigE0/0/0/0
   message-digest-key 1 md5 encrypted ⟦094F471A1A0A⟧
   authentication message-digest
router isis CORE
 lsp-password hmac-md5 encrypted ⟦0943⟧
 interface TenGigE0/0/0/1
  hello-password hmac-md5 clear ⟦helloPw⟧
router bgp 65000
 neighbor 10.0.0.2
  password encrypted ⟦104D000A0618⟧
router hsrp
 interface TenGigE0/0/0/2
  address-family ipv4
   hsrp 1
    authentication ⟦hsrpXr⟧
mpls ldp
 neighbor
  10.0.0.9:0 password encrypted ⟦110A1016141D⟧
"""
CISCO_NXOS = r"""
feature password encryption aes
username admin password 5 ⟦$5$NEMJCK$CQYlFvj5mP2HQY3ctOiw3pT4Wv8cYhMeXl6rO6YgnB0⟧ role network-admin
username admin passphrase lifetime 99999 warntime 14 gracetime 3
snmp-server user admin network-admin auth md5 ⟦0x5e9f3b8a1c2d⟧ priv ⟦0x5e9f3b8a1c2e⟧ localizedkey
snmp-server user mon network-operator auth sha ⟦0xaaaabbbb⟧ priv aes-128 ⟦0xccccdddd⟧ localizedkey
snmp-server community ⟦nxosRO⟧ group network-operator
snmp-server host 10.0.0.1 traps version 2c ⟦nxosTrap⟧
snmp-server host 10.0.0.1 use-vrf management
tacacs-server key 7 ⟦"fewhg"⟧
tacacs-server host 10.0.0.5 key 7 ⟦"fewhg123"⟧ port 49
radius-server host 10.0.0.6 key 7 ⟦"fewhg124"⟧ authentication accounting
ntp authentication-key 1 md5 ⟦fewhg125⟧ 7
key chain K
  key 1
    key-string 7 ⟦070c285f4d06⟧
interface Ethernet1/1
  ip ospf authentication-key 3 ⟦a667d47acc18ea6b⟧
  ip ospf message-digest-key 1 md5 3 ⟦a667d47acc18ea6c⟧
interface Vlan10
  hsrp 1
    authentication md5 key-string ⟦nxHsrp⟧
    authentication text ⟦nxText⟧
router bgp 65000
  neighbor 10.0.0.2
    password 3 ⟦a667d47acc18ea6d⟧
    remote-as 65001
"""
CISCO_ASA = r"""
hostname fw
enable password ⟦8Ry2YjIyt7RRXU24⟧ encrypted
enable password ⟦$sha512$5000$L/7wgYz4hCEh0YQ0cGLKTA==$cHRZyPBqtNzBzRxm2HHXxA==⟧ pbkdf2
passwd ⟦2KFQnbNIdI.2KYOU⟧ encrypted
username admin password ⟦e1z89R3cZe9Kt6Ib⟧ encrypted privilege 15
username ops password ⟦$sha512$5000$abcdefghijkl==$mnopqrstuvwx==⟧ pbkdf2 privilege 5
aaa-server TAC protocol tacacs+
aaa-server TAC (inside) host 10.0.0.5
 key ⟦asaTac⟧
 ldap-login-password ⟦ldapPw⟧
snmp-server community ⟦asaRO⟧
snmp-server host inside 10.0.0.1 community ⟦asaTrap⟧ version 2c
snmp-server user mon OPS v3 encrypted auth sha ⟦aa:bb:cc⟧ priv aes 128 ⟦dd:ee:ff⟧
tunnel-group 10.1.1.1 ipsec-attributes
 ikev1 pre-shared-key ⟦asaPsk⟧
 ikev2 remote-authentication pre-shared-key ⟦asaPsk2⟧
 ikev2 local-authentication pre-shared-key ⟦asaPsk3⟧
 ikev1 pre-shared-key *****
failover key ⟦failKey⟧
failover lan unit primary
ntp authentication-key 1 md5 ⟦asaNtp⟧
interface GigabitEthernet0/0
 ospf message-digest-key 1 md5 ⟦asaOspf⟧
 ospf authentication-key ⟦asaOspf2⟧
router bgp 65000
 address-family ipv4 unicast
  neighbor 10.0.0.2 password ⟦asaBgp⟧
key ***** encrypted
"""
HUAWEI_VRP = r"""
super password level 3 cipher ⟦Zx9!Kp⟧
aaa
 local-user admin password irreversible-cipher ⟦$1a$abc$defghij$⟧
 local-user ops password cipher ⟦%^%#abc d!ef%^%#⟧
 local-user old password simple ⟦plainPw⟧
 local-user admin privilege level 15
 local-user admin service-type ssh
 local-aaa-user password policy administrator
  password history record number 0
user-interface vty 0 4
 authentication-mode aaa
 set authentication password cipher ⟦%@%@abcdef%@%@⟧
snmp-agent community read cipher ⟦%^%#3k4j5h%^%#⟧
snmp-agent community write ⟦privateRW⟧ acl 2000
snmp-agent target-host trap address udp-domain 10.0.0.1 params securityname cipher ⟦%^%#trapx%^%#⟧ v2c
snmp-agent target-host trap address udp-domain 10.0.0.1 params securityname ⟦trapPub⟧ v2c
snmp-agent usm-user v3 mon ops authentication-mode sha ⟦3F2A99⟧ privacy-mode aes128 ⟦77BBCC⟧
snmp-agent usm-user v3 mon authentication-mode sha cipher ⟦%^%#auth%^%#⟧
snmp-agent usm-user v3 mon privacy-mode aes128 cipher ⟦%^%#priv%^%#⟧
radius-server template R
 radius-server shared-key cipher ⟦Rk#99⟧
hwtacacs-server template H
 hwtacacs-server shared-key cipher ⟦%^%#hwtac%^%#⟧
ssh server cipher aes256_ctr aes128_ctr
rsa peer-public-key K
keychain K mode absolute
 key-id 1
  algorithm hmac-sha-256
  key-string cipher ⟦%#%#keych%#%#⟧
interface Vlanif10
 ospf authentication-mode md5 1 cipher ⟦Osp!77⟧
 ospf authentication-mode simple plain ⟦OspPlain⟧
 isis authentication-mode md5 cipher ⟦Isis!77⟧
 vrrp vrid 1 authentication-mode md5 ⟦Vrrp!77⟧
 ppp chap password cipher ⟦Chap!77⟧
 ppp pap local-user u password simple ⟦Pap77⟧
bgp 65000
 peer 10.1.1.2 password cipher ⟦Bgp!77⟧
 peer 10.1.1.3 password simple ⟦Bgp77plain⟧
 peer 10.1.1.2 advertise-community
isis 1
 area-authentication-mode md5 cipher ⟦Area!77⟧
 domain-authentication-mode simple plain ⟦Dom77⟧
mpls ldp
 md5-password cipher 10.9.9.9 ⟦%^%#ldp%^%#⟧
ntp-service authentication-keyid 1 authentication-mode md5 cipher ⟦%^%#ntp%^%#⟧
ike peer P
 pre-shared-key cipher ⟦Psk!77⟧
wlan
 security wpa2 psk pass-phrase ⟦%^%#wifi%^%#⟧ aes
ftp client-password ⟦"ftp pass"⟧
"""
HP_COMWARE = r"""
local-user admin class manage
 password hash ⟦$h$6$iJ8kLmNo$longhashlonghash==⟧
 service-type ssh terminal
local-user old
 password simple ⟦H3cPlain⟧
 password cipher ⟦$c$3$AbCdEfGh==⟧
password-control length 10
super password role network-admin hash ⟦$h$6$aaaa$bbbbcccc==⟧
snmp-agent community read simple ⟦h3cRO⟧
snmp-agent community write cipher ⟦$c$3$Wr1te==⟧ acl 2000
snmp-agent target-host trap address udp-domain 10.0.0.1 params securityname ⟦h3cTrap⟧ v2c
snmp-agent usm-user v3 u g cipher authentication-mode sha ⟦$c$3$Auth==⟧ privacy-mode aes128 ⟦$c$3$Priv==⟧
snmp-agent usm-user v3 u g simple authentication-mode md5 ⟦authPlain⟧ privacy-mode des56 ⟦privPlain⟧
radius scheme R
 primary authentication 10.0.0.9 key cipher ⟦$c$3$Radk==⟧
 secondary accounting 10.0.0.10 1813 key simple ⟦radSec⟧
 key authentication simple ⟦RadKey1⟧
 key accounting cipher ⟦$c$3$Acct==⟧
hwtacacs scheme H
 key authorization cipher ⟦$c$3$Hwta==⟧
interface Vlan-interface10
 ospf authentication-mode md5 1 cipher ⟦$c$3$Ospf==⟧
 ospf authentication-mode simple cipher ⟦$c$3$Osps==⟧
 isis authentication-mode md5 plain ⟦isisH3c⟧
 vrrp vrid 1 authentication-mode md5 cipher ⟦$c$3$Vrrp==⟧
 ppp chap password cipher ⟦$c$3$Chap==⟧
bgp 65000
 peer 10.1.1.2 password cipher ⟦$c$3$Bgpp==⟧
ntp-service authentication-keyid 1 authentication-mode md5 cipher ⟦$c$3$Ntpk==⟧
keychain K mode absolute
 key 1
  authentication-algorithm hmac-md5
  key-string cipher ⟦$c$3$Keyc==⟧
ike keychain IK
 pre-shared-key address 10.3.3.3 255.255.255.255 key cipher ⟦$c$3$Ikek==⟧
wlan service-template 1
 preshared-key pass-phrase cipher ⟦$c$3$Wlan==⟧
line vty 0 63
 set authentication password hash ⟦$h$6$vvvv$wwwwxxxx==⟧
"""
JUNIPER_JUNOS = r"""
system {
    root-authentication {
        encrypted-password ⟦"$6$abcdefgh$zyxwvuts"⟧; ## SECRET-DATA
        ssh-rsa ⟦"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC root@mx"⟧; ## SECRET-DATA
    }
    login {
        password {
            minimum-length 10;
        }
        user netops {
            authentication {
                encrypted-password /* SECRET-DATA */; ## SECRET-DATA
            }
        }
    }
    radius-server {
        10.0.0.6 secret ⟦"$9$Ab1cD2eF3gH4"⟧; ## SECRET-DATA
    }
    tacplus-server {
        10.0.0.5 {
            secret ⟦"$9$Zb1cD2eF3gH5"⟧; ## SECRET-DATA
        }
    }
    ntp {
        authentication-key 1 type md5 value ⟦"$9$ntpNtpNtp"⟧; ## SECRET-DATA
    }
}
security {
    ike {
        policy P {
            pre-shared-key ascii-text ⟦"$9$zzzzYYYY"⟧; ## SECRET-DATA
        }
    }
}
snmp {
    community ⟦j4nR0⟧ {
        authorization read-only;
    }
    v3 {
        usm {
            local-engine {
                user mon {
                    authentication-sha {
                        authentication-key ⟦"$9$authauth"⟧; ## SECRET-DATA
                    }
                    privacy-aes128 {
                        privacy-key ⟦"$9$privpriv"⟧; ## SECRET-DATA
                    }
                }
            }
        }
    }
}
protocols {
    bgp {
        group E {
            authentication-key ⟦"$9$Hk5FCA0IEy"⟧; ## SECRET-DATA
            neighbor 10.0.0.2;
        }
    }
    ospf {
        area 0.0.0.0 {
            interface ge-0/0/0.0 {
                authentication {
                    md5 1 key ⟦"$9$ospfospf"⟧; ## SECRET-DATA
                    simple-password ⟦"$9$simpsimp"⟧; ## SECRET-DATA
                }
            }
        }
    }
    isis {
        level 2 {
            authentication-key ⟦"$9$isisisis"⟧; ## SECRET-DATA
            authentication-type md5;
        }
    }
    vrrp-group 1 {
        authentication-key ⟦"$9$vrrpvrrp"⟧; ## SECRET-DATA
    }
}
policy-options {
    community BLUE members 65000:1;
}
set system root-authentication encrypted-password "⟦$1$abc$def123⟧"
set system login user x authentication plain-text-password-value ⟦"plain"⟧
set snmp community ⟦j4nSet⟧ authorization read-only
set snmp v3 snmp-community idx community-name "⟦$9$commcomm⟧"
set protocols bgp group E authentication-key "⟦$9$bgpbgpbg⟧"
set system radius-server 10.0.0.6 secret "⟦$9$radradra⟧"
set system ntp authentication-key 1 type md5
set system ntp authentication-key 1 value "⟦$9$ntpntpnt⟧"
set policy-options community BLUE members 65000:1
"""
ARISTA_EOS = r"""
username admin privilege 15 role network-admin secret sha512 ⟦$6$aaaa$bbbbccccdddd⟧
enable password sha512 ⟦$6$eeee$ffffgggghhhh⟧
enable secret 5 ⟦$1$abcd$efghijklmnop⟧
snmp-server community ⟦eosRO⟧ ro
snmp-server user mon OPS v3 localized f5717f00 auth sha ⟦aabbccdd⟧ priv aes ⟦eeff0011⟧
snmp-server host 10.0.0.1 version 2c ⟦eosTrap⟧
tacacs-server key 7 ⟦1513090F557878⟧
tacacs-server host 10.0.0.5 key 7 ⟦1513090F557879⟧
radius-server host 10.0.0.6 key 7 ⟦1513090F557880⟧
ntp authentication-key 1 md5 7 ⟦1513090F557881⟧
router bgp 65000
   neighbor 10.0.0.1 password 7 ⟦3eiJ7wNvTO4=⟧
   neighbor 10.0.0.1 send-community
interface Ethernet1
   ip ospf authentication message-digest
   ip ospf message-digest-key 1 md5 7 ⟦3eiJ7wNvTO5=⟧
   ip ospf authentication-key 7 ⟦3eiJ7wNvTO6=⟧
   isis authentication key 7 ⟦3eiJ7wNvTO7=⟧
   vrrp 1 peer authentication ietf-md5 key-string 7 ⟦3eiJ7wNvTO8=⟧
management security
   password minimum length 12
"""
NOKIA_SROS = r"""
        security
            password
                authentication-order tacplus radius local
                admin-password "⟦$2y$10$TQrZlpBDra86.qoexZUzQeBXDY1FcdDhGWdD9lLxMuFyPVSm0OGy6⟧"
            exit
            user "netops"
                password "⟦$2y$10$abcdefghijklmnopqrstuv⟧"
                snmp
                    authentication hash md5 ⟦0123456789abcdef⟧ privacy des-key ⟦fedcba9876543210⟧
                exit
            exit
            snmp
                community ⟦"Hk2hR9.x"⟧ hash2 r version v2c
                usm-community ⟦"Zz2hR9.x"⟧ hash2 group "ops"
            exit
            radius
                server 1 address 10.0.0.6 secret ⟦"rAdHash2"⟧ hash2
            exit
            tacplus
                server 1 address 10.0.0.5 secret ⟦"tAcHash2"⟧ hash2
            exit
        exit
        time
            ntp
                authentication-key 1 key ⟦"nTpHash2"⟧ hash2 type message-digest
        keychain "K"
            direction
                bi
                    entry 0 key ⟦"kCHash2"⟧ hash2 algorithm message-digest
        ospf 0
            area 0.0.0.0
                interface "to-pe2"
                    authentication-type message-digest
                    message-digest-key 1 md5 ⟦"oSpHash2"⟧ hash2
                    authentication-key ⟦"oSpHash3"⟧ hash2
        isis 0
            authentication-key ⟦"iSiHash2"⟧ hash2
            authentication-type message-digest
        bgp
            group "E"
                neighbor 10.0.0.2
                    authentication-key ⟦"bGpHash2"⟧ hash2
                    description "the password policy of the customer"
        community "BLUE" members "65000:1"
    user-params {
        local-user {
            user "admin" {
                password "⟦$2y$10$zzzzzzzzzzzzzzzzzzzzzz⟧"
    snmp {
        community ⟦"uTdc9j48PBRkxn5DcSjchk hash2"⟧ {
            access-permissions r
"""
FORTINET = r"""
config system admin
    edit "admin"
        set accprofile "super_admin"
        set password ENC ⟦SH2abcdefghijklmnopqrstuvwxyz0123456789==⟧
    next
end
config system snmp community
    edit 1
        set name ⟦"fortiRO"⟧
        config hosts
            edit 1
                set ip 10.0.0.1 255.255.255.255
            next
        end
    next
end
config system snmp user
    edit "mon"
        set auth-pwd ENC ⟦AAAAabcdefgh1234567890==⟧
        set priv-pwd ENC ⟦BBBBabcdefgh1234567890==⟧
    next
end
config vpn ipsec phase1-interface
    edit "to-hq"
        set psksecret ENC ⟦CCCCabcdefgh1234567890==⟧
    next
end
config user radius
    edit "rad"
        set secret ENC ⟦DDDDabcdefgh1234567890==⟧
    next
end
config user tacacs+
    edit "tac"
        set key ENC ⟦EEEEabcdefgh1234567890==⟧
    next
end
config user local
    edit "u"
        set passwd ENC ⟦FFFFabcdefgh1234567890==⟧
    next
end
config wireless-controller vap
    edit "wifi"
        set passphrase ENC ⟦GGGGabcdefgh1234567890==⟧
        set name "wifi"
    next
end
config router bgp
    config neighbor
        edit "10.0.0.2"
            set password ENC ⟦HHHHabcdefgh1234567890==⟧
        next
    end
end
config router ospf
    config ospf-interface
        edit "x"
            set authentication-key ENC ⟦IIIIabcdefgh1234567890==⟧
            set md5-key 1 ENC ⟦JJJJabcdefgh1234567890==⟧
        next
    end
end
config system password-policy
    set status enable
end
"""
PALOALTO_PANOS = r"""
<users>
  <entry name="admin">
    <phash>⟦$1$abcdefgh$ijklmnopqrstuv⟧</phash>
    <permissions><role-based><superuser>yes</superuser></role-based></permissions>
  </entry>
</users>
<pre-shared-key><key>⟦-AQ==abcdefghijklmnop⟧</key></pre-shared-key>
<secret>⟦-AQ==bcdefghijklmnopq⟧</secret>
<snmp-community-string>⟦panosRO⟧</snmp-community-string>
<authpwd>⟦-AQ==cdefghijklmnopqr⟧</authpwd><privpwd>⟦-AQ==defghijklmnopqrs⟧</privpwd>
<bind-password>⟦-AQ==efghijklmnopqrst⟧</bind-password>
<password-complexity><enabled>yes</enabled></password-complexity>
set mgt-config users admin phash ⟦$1$abcdefgh$ijklmnopqrstuw⟧
set deviceconfig system snmp-setting access-setting version v2c snmp-community-string ⟦panosSet⟧
set network virtual-router default protocol bgp auth-profile A secret ⟦-AQ==fghijklmnopqrstu⟧
        phash ⟦$1$abcdefgh$ijklmnopqrstux⟧;
          snmp-community-string ⟦panosBrace⟧;
          authpwd ⟦-AQ==ghijklmnopqrstuv⟧;
"""
MIKROTIK = r"""
/interface wireless security-profiles
set [ find default=yes ] authentication-types=wpa2-psk mode=dynamic-keys wpa2-pre-shared-key=⟦"wifi pass 1"⟧
/interface wifi security
add authentication-types=wpa2-psk,wpa3-psk name=home passphrase=⟦wifiPass2⟧
/interface wireguard
add listen-port=13231 name=wg1 private-key=⟦"mGR0abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM="⟧
/interface wireguard peers
add interface=wg1 preshared-key=⟦"pGR0abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM="⟧ public-key="uGR0abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM="
/ip ipsec identity
add peer=hq secret=⟦ipsecPsk⟧
/ppp secret
add name=vpn password=⟦pppPass⟧ service=l2tp
/interface l2tp-client
add connect-to=10.0.0.1 ipsec-secret=⟦l2tpPsk⟧ name=l2tp-out1 password=⟦l2tpPass⟧ user=u
/routing ospf interface-template
add area=backbone auth=md5 auth-id=1 auth-key=⟦ospfKey⟧ interfaces=ether1
/routing bgp connection
add as=65000 name=e remote.address=10.0.0.2 tcp-md5-key=⟦bgpKey⟧
/interface vrrp
add authentication=ah interface=ether1 name=vrrp1 password=⟦vrrpPw⟧ vrid=1
/snmp community
set [ find default=yes ] addresses=::/0 name=⟦mikroRO⟧
add addresses=10.0.0.0/8 authentication-password=⟦snmpAuth⟧ encryption-password=⟦snmpPriv⟧ name=⟦mikroV3⟧ security=private
/snmp
set contact=noc enabled=yes trap-community=⟦mikroTrap⟧ trap-version=2
/radius
add address=10.0.0.6 secret=⟦radSecret⟧ service=login
/user
add group=full name=netops
"""
RUIJIE_OS = r"""
enable secret 5 ⟦$1$abcd$efghijklmnop⟧
enable password 7 ⟦08361d1c2b1c7c⟧
username admin password 7 ⟦08361d1c2b1c7d⟧
username admin privilege 15
snmp-server community 7 ⟦08361d1c2b1c7e⟧ rw
snmp-server community ⟦ruijieRO⟧ ro
snmp-server user mon ops v3 auth sha ⟦ruiAuth⟧ priv aes128 ⟦ruiPriv⟧
snmp-server host 10.0.0.1 traps version 2c ⟦ruiTrap⟧
radius-server key 7 ⟦08361d1c2b1c7f⟧
tacacs-server host 10.0.0.5 key 7 ⟦08361d1c2b1c80⟧
wlansec 1
 security wpa akm psk set-key ascii ⟦ruiWifi1⟧
interface GigabitEthernet 0/1
 ip ospf message-digest-key 1 md5 7 ⟦08361d1c2b1c81⟧
 ip ospf authentication-key 7 ⟦08361d1c2b1c82⟧
router bgp 65000
 neighbor 10.0.0.2 password 7 ⟦08361d1c2b1c83⟧
ntp authentication-key 1 md5 7 ⟦08361d1c2b1c84⟧
line vty 0 4
 password 7 ⟦08361d1c2b1c85⟧
"""
ZTE_ZXROS = r"""
enable secret level 15 encrypted ⟦*52r*C*2f40a33d⟧
enable secret level 15 5 ⟦RcMLuUKvnFZX9kNAV6A/UA==⟧
username zte password encrypted ⟦*2f4*R*9b3ca1⟧ privilege 15
username ops password ⟦ztePlain⟧ privilege 1
snmp-server community encrypted ⟦*77a*C*0d1e2f⟧ view AllView ro
snmp-server community ⟦zteRO⟧ view AllView ro
snmp-server host 10.0.0.1 trap version 2c ⟦zteTrap⟧ udp-port 162
snmp-server user mon grp v3 encrypted auth md5 ⟦9f8e7d⟧ priv des56 ⟦6c5b4a⟧
tacacs-server host 10.0.0.5 key encrypted ⟦*aaa*C*bbbccc⟧
interface gei-0/1/0/1
 ip ospf message-digest-key 1 md5 encrypted ⟦*111*C*222333⟧
 ip ospf authentication-key ⟦zteOspf⟧
router bgp 65000
 neighbor 10.0.0.2 password encrypted ⟦*444*C*555666⟧
ntp authentication-key 1 md5 ⟦zteNtp⟧
"""
LINUX = r"""
root:⟦$6$rounds=5000$saltsalt$hashhashhash⟧:19000:0:99999:7:::
netops:⟦$y$j9T$abcdefgh$ijklmnop⟧:19000:0:99999:7:::
daemon:*:19000:0:99999:7:::
rocommunity ⟦n3tsnmp⟧ 10.0.0.0/8
com2sec readonly default ⟦n3tsnmp2⟧
createUser monitor SHA ⟦"authpass99"⟧ AES ⟦"privpass99"⟧
network={
        ssid="office"
        psk=⟦"wpaPass1"⟧
        password=⟦"eapPass1"⟧
        key_mgmt=WPA-PSK
}
wpa_passphrase=⟦hostapdPass⟧
auth_pass ⟦keepAlv⟧
password ⟦zebra⟧
enable password ⟦zebra2⟧
router bgp 65000
 neighbor 10.0.0.2 password ⟦frrBgp⟧
interface eth0
 ip ospf message-digest-key 1 md5 ⟦frrOspf⟧
 ip ospf authentication-key ⟦frrOspf2⟧
 isis password md5 ⟦frrIsis⟧
 ip rip authentication string ⟦frrRip⟧
10.0.0.1 10.0.0.2 : PSK ⟦"strongSwan1"⟧
PrivateKey = ⟦mGR0abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM=⟧
PublicKey = uGR0abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM=
DB_PASSWORD=⟦letmein⟧
export MYSQL_PWD=⟦letmein2⟧
AWS_SECRET_ACCESS_KEY=⟦wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY⟧
Environment=API_TOKEN=⟦abcdef0123456789⟧ LANG=C
sshpass -p ⟦sshPass1⟧ ssh netops@sw1
mysqldump --user=root --password=⟦dumpPw⟧ db
{"password": ⟦"letmein"⟧, "user": "x"}
api_key: ⟦0123456789abcdef⟧
Authorization: Bearer ⟦abcdefghijklmnop⟧
Authorization: Basic ⟦dXNlcjpwYXNz⟧
token ⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghij⟧
fetch https://user:⟦urlPass⟧@host.example/x
aws ⟦AKIAIOSFODNN7EXAMPLE⟧
slack ⟦xoxb-123456789012-abcdefghijkl⟧
github ⟦ghp_abcdefghijklmnopqrstuvwxyz0123456789⟧
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ netops@host
"""
NX_SNMP = r"""
Community            Group / Access      context    acl_filter
---------            --------------      -------    ----------
⟦nxTableRO⟧            network-operator
⟦nxTableRW⟧            network-admin                  ACL1

User                          Auth  Priv(enforce) Groups                        acl_filter
monitor                       sha   aes-128(no)   network-operator
"""
PLATFORMS = {
    "cisco_ios": CISCO_IOS,
    "cisco_xr": CISCO_XR,
    "cisco_nxos": CISCO_NXOS,
    "cisco_asa": CISCO_ASA,
    "huawei_vrp": HUAWEI_VRP,
    "hp_comware": HP_COMWARE,
    "juniper_junos": JUNIPER_JUNOS,
    "arista_eos": ARISTA_EOS,
    "nokia_sros": NOKIA_SROS,
    "fortinet": FORTINET,
    "paloalto_panos": PALOALTO_PANOS,
    "mikrotik_routeros": MIKROTIK,
    "ruijie_os": RUIJIE_OS,
    "zte_zxros": ZTE_ZXROS,
    "linux": LINUX,
    "show snmp of NX-OS": NX_SNMP,
}

EVIDENCE = r"""
GigabitEthernet0/1 is up, line protocol is up
service password-encryption
Failed password for root from 10.0.0.9 port 22 ssh2
%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: bob] [Source: 10.0.0.9] [localport: 22] [Reason: Login Authentication Failed]
 key chain OSPF
 key 1
 key 65535
ip community-list standard BLUE permit 65000:1
 set community 65000:100 additive
 send-community both
ssh server cipher aes256_ctr aes128_ctr
ip ssh server algorithm encryption aes256-ctr aes192-ctr
  BGP community: 65000:1
      Community: 65000:1 65000:2
  Extended Community: RT:65000:1
  neighbor 10.0.0.1 remote-as 65001
aaa authentication login default group tacacs+ local
ip ospf authentication message-digest
  Message digest authentication enabled
    Youngest key id is 1
 Key name: sw1.example
 Key type: RSA KEYS
 Key is not exportable.
 Key Data:
  Password: none
  Pre-shared-key: not configured
"secret": null,
add name=x password="" service=any
 authentication-mode keychain K
  Cryptographic authentication enabled
crypto key generate rsa
Password encryption is on
Password recovery is enabled
  5 minute input rate 1000 bits/sec, 3 packets/sec
System returned to ROM by reload at 01:02:03 CST Sun Nov 22 2026
root     1234  0.0  0.1 /usr/sbin/sshd -D
Cost is $5 and 50% of %LINK-3-UPDOWN: Interface Gi0/1, changed state to down
-----BEGIN CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
 description password policy server of the customer
 description secret garden, key accounts
 description "Basic service, bearer channel"
MD5 hash: 5d41402abc4b2a76b9719d911017c592
verify /md5 (flash:c2960.bin) = 5d41402abc4b2a76b9719d911017c592
Embedded Hash   SHA1 : 6C0E1B5C1D1E9B8E7C0D3F5A7B9C1D3E5F708192
  Session Key: unknown
IKEv2 SA, encryption: AES-CBC-256, PRF: SHA256, key exchange group 14
SNMP packets input 12, Bad SNMP version errors 0, Unknown community name 3
    0 Unknown community name
    0 Illegal operation for community name supplied
SSH Enabled - version 2.0, Authentication methods:publickey,keyboard-interactive,password
   Keepalive set (10 sec)
      1 missed heartbeats, passive peers 3, bypassed 4
Token bucket: rate 1000, burst 20
Authentication: none, Authorization: none
  Peer authentication method: PSK
  password: *****
 authentication mode hmac-md5
  Pri TACACS+ server key not configured
User Access Verification
mail from noc@example.com
 00:11:22:33:44:55  dynamic  Gi1/0/1 hash 12
"""

_BODY = "MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9\nabcd/+ABCDEFGHIJKLMNOPQRSTUVWXYZ012345\nZZZZ=="
KEYS = {
    "RSA": f"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n{_BODY}\n-----END RSA PRIVATE KEY-----",
    "PKCS#8": f"-----BEGIN PRIVATE KEY-----\n{_BODY}\n-----END PRIVATE KEY-----",
    "encrypted": f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{_BODY}\n-----END ENCRYPTED PRIVATE KEY-----",
    "EC": f"-----BEGIN EC PRIVATE KEY-----\n{_BODY}\n-----END EC PRIVATE KEY-----",
    "OpenSSH": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{_BODY}\n-----END OPENSSH PRIVATE KEY-----",
    "PGP": f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n{_BODY}\n-----END PGP PRIVATE KEY BLOCK-----",
    "OpenVPN": "-----BEGIN OpenVPN Static key V1-----\n0123456789abcdef\n-----END OpenVPN Static key V1-----",
    "FortiOS": f'        set private-key "-----BEGIN ENCRYPTED PRIVATE KEY-----\n{_BODY}\n-----END ENCRYPTED PRIVATE KEY-----"',
}
CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{_BODY}\n-----END CERTIFICATE-----"
EVIDENCE += CERTIFICATE + "\n"

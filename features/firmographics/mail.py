"""E-mail domains: whose they are.

Source of the list: the public mail services of the large providers and of the French, Belgian and Swiss access
providers, as they publish them.
"""

import re

_FREE_MAIL = """
    gmail.com googlemail.com outlook.com outlook.fr hotmail.com hotmail.fr hotmail.be hotmail.co.uk hotmail.it
    hotmail.de hotmail.es live.com live.fr live.be live.co.uk live.it live.nl msn.com windowslive.com yahoo.com
    yahoo.fr yahoo.co.uk yahoo.de yahoo.es yahoo.it yahoo.ca yahoo.co.in yahoo.com.br ymail.com rocketmail.com
    aol.com aol.fr aim.com icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me gmx.com gmx.fr
    gmx.de gmx.net gmx.at gmx.ch mail.com web.de t-online.de freenet.de zoho.com yandex.com yandex.ru mail.ru
    inbox.ru list.ru bk.ru qq.com 163.com 126.com sina.com naver.com daum.net hushmail.com fastmail.com
    fastmail.fm tutanota.com tuta.io tuta.com mailo.com mailo.fr net-c.com net-c.fr netcourrier.com orange.fr
    wanadoo.fr voila.fr free.fr freesbee.fr libertysurf.fr online.fr aliceadsl.fr alice.fr laposte.net sfr.fr
    neuf.fr cegetel.net 9online.fr 9business.fr club-internet.fr bbox.fr numericable.fr numericable.com noos.fr
    evhr.net estvideo.fr modulonet.fr dartybox.com caramail.com caramail.fr ifrance.com lycos.fr tiscali.fr
    infonie.fr worldonline.fr nordnet.fr ozone.net zeop.re only.fr mediaserv.net skynet.be telenet.be
    proximus.be voo.be scarlet.be bluewin.ch hispeed.ch sunrise.ch pt.lu vo.lu monaco.mc libero.it virgilio.it
    alice.it tin.it tiscali.it telefonica.net terra.es ono.com sapo.pt iol.pt ziggo.nl kpnmail.nl planet.nl
    home.nl xs4all.nl hetnet.nl btinternet.com sky.com virginmedia.com ntlworld.com blueyonder.co.uk
    talktalk.net comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net
    rogers.com shaw.ca sympatico.ca videotron.ca bell.net rediffmail.com uol.com.br bol.com.br terra.com.br
    wp.pl o2.pl onet.pl interia.pl seznam.cz centrum.cz abv.bg
"""
_FREE = frozenset(_FREE_MAIL.split())


def email_domain(email: str) -> str:
    """The domain of an address in lower case; "" where the text is not one address.

    >>> [email_domain(text) for text in ("J.Dupont@Ex-Ample.FR", "Jean <jd@a.fr>", "jd@a", "a b")]
    ['ex-ample.fr', 'a.fr', '', '']
    """
    text = email.strip().rstrip(">").rpartition("<")[2].removeprefix("mailto:").casefold()
    match = re.fullmatch(r"[^@\s]+@((?:[^@\s.]+\.)+(?:xn--[a-z\d-]+|[^@\s.\d]{2,}))\.?", text)
    return match[1] if match else ""


def is_free_mail(domain: str) -> bool:
    """True for a public mail service, where a domain says nothing about the company.

    >>> is_free_mail("orange.fr"), is_free_mail("Gmail.com"), is_free_mail("orange.com"), is_free_mail("")
    (True, True, False, False)
    """
    return domain.strip().casefold() in _FREE

using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.PersonalData;

namespace Cencori.Edge.Tests.Policies.Detectors;

/// <summary>Examples: findings are between « and »; nothing else is found.</summary>
public class DetectorExampleTests
{
    [Theory]
    [InlineData("«user@example.com»")]
    [InlineData("Mail <«first.last+tag@sub.example.co.uk»>, please.")]
    [InlineData("mailto:«a@b.co»?subject=x")]
    [InlineData("email=«a@example.com»&next=«b@example.com»")]
    [InlineData("'«o'brien@example.ie»'")]
    [InlineData("...«user@example.com»...")]
    [InlineData("«user@example.com».2024 and «user@example.com»_x")]
    [InlineData("«a@example.com»:password and «b@example.com»: yes")]
    [InlineData("«a@example.com»'«b@example.com»")]
    [InlineData("联系我«user@example.com»谢谢")]
    [InlineData("이메일은 «user@example.com»입니다")]
    [InlineData("«почта@пример.рф» и «jörg@müller.example»")]
    [InlineData("«x@xn--bcher-kva.xn--p1ai»")]
    [InlineData("git@github.com:org/repo.git git@gitlab.example.com/x scp a john@host.example.com:/home ssh://git@github.com/o")]
    [InlineData("«birgit@example.de»:hunter2 «margit@example.com»/team «my.git@example.com»:x")]
    [InlineData("npm i @types/node@20.1.0 react@18.2.0 @scope/pkg@latest @app.route(\"/\") @Component.x user@localhost")]
    [InlineData("icon@2x.png logo@3x.webp a@b a@.com @example.com a@@example.com a.@example.com a@-x.com a@b.c")]
    public void Email(string marked) => Holds(new EmailDetector(), marked);

    [Fact]
    public void A_text_longer_than_an_address_can_be_is_not_found()
    {
        Holds(new EmailDetector(), $"«{new string('a', 64)}@example.com» {new string('a', 65)}@example.com");
        Holds(new EmailDetector(), $"a@{string.Concat(Enumerable.Repeat("abcdefghi.", 19))}com");
    }

    [Theory]
    [InlineData("«4111111111111111» «4111 1111 1111 1111» «4111-1111-1111-1111»")]
    [InlineData("«3782 822463 10005» «378282246310005» «3056 930902 5904» «6011 1111 1111 1117»")]
    [InlineData("«4111 1111 1111 1111» 123, «4111 1111 1111 1111» 12/27, «4111 1111 1111 1111» 1227, 2024 «4111 1111 1111 1111»")]
    [InlineData("card:«4111111111111111». And \"«5555555555554444»\", 卡«4111111111111111»号")]
    [InlineData("4111111111111112 4111 1111 1111 1112 41111 111 1111 11111 4111 1111-1111 1111 4111  1111 1111 1111")]
    [InlineData("a4111111111111111 4111111111111111b _4111111111111111 0.4111111111111111 4111111111111111.5 550e8400-e29b-4111-a716-4111111111111111")]
    [InlineData("1717243200000 1717243200000000 1717243200000000000 112-7654321-1234567 0000000000000000")]
    [InlineData("1024 4111 1111 1111 1111 2048")]
    [InlineData("«4111.1111.1111.1111», «3782.822463.10005»; «4111 1111 1111 1111».00, «4111-1111-1111-1111».5")]
    [InlineData("%B«4111111111111111»^DOE/JOHN^25121010000? ;«4111111111111111»=25121010000? B«5555555555554444»^")]
    [InlineData("41111111.11111111 4111111111111111.00 1.4111.1111.1111.1111 4111.1111.1111.1111.5 4111.1111 1111.1111 B4111111111111111 xB4111111111111111^ B4111111111111111,")]
    public void Card(string marked) => Holds(new CardDetector(), marked);

    [Theory]
    [InlineData("«DE89370400440532013000» «DE89 3704 0044 0532 0130 00» «de89370400440532013000»")]
    [InlineData("«De89 3704 0044 0532 0130 00» «dE89370400440532013000», GB29 NWbk 6016 1331 9268 19")]
    [InlineData("«GB29 NWBK 6016 1331 9268 19», «FR14 2004 1010 0505 0001 3M02 606» and")]
    [InlineData("«NO93 8601 1117 947»; «MT84MALT011000012345MTLCAST001S»")]
    [InlineData("DE88370400440532013000 DE8937040044053201300 DE893704004405320130000 XX89370400440532013000 De89370400440532013000x")]
    [InlineData("«DE89370400440532013000»,5 7,«DE89 3704 0044 0532 0130 00»,8 «DE89370400440532013000»,«GB29NWBK60161331926819»")]
    [InlineData("BE12 reasons, DE10 sizes, SE16 and A4 paper; IT12 is a room")]
    public void Iban(string marked) => Holds(new IbanDetector(), marked);

    [Theory]
    [InlineData("«123-45-6789», SSN: «123 45 6789», ssn=«123456789», Social Security number «123456789»")]
    [InlineData("000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000 123456789 123 45 6789 lessn 123456789")]
    [InlineData("1-123-45-6789 123-45-6789-1 123-45-67890 123-456-789 123-45 6789 x123-45-6789")]
    public void Ssn(string marked) => Holds(new SsnDetector(), marked);

    [Theory]
    [InlineData("", "«+1 212 555 0123» «+12125550123» «+1 (212) 555-0123», «+49 (0)30 2345678», «+1.212.555.0123» x12")]
    [InlineData("", "tel:«+442079460123»; («+44 20 7946 0123»); «+39 06 6982 1234» «+1 212 555 0123» 2024")]
    [InlineData("", "1+12125550123 a+12125550123 T10:00+02:00 +1234567 +12345678 +1 212 555 01234 +12125550123a +999123456789 212-555-0123 030 2345678")]
    [InlineData("US", "«(212) 555-0123», «212-555-0123» or «212.555.0123»; «1-212-555-0123», 2125550123, 2024-05-01, 192.168.10.20, 123-45-6789, «+442079460123»")]
    [InlineData("US", "7 «212 555 0123», «212 555 0123» 2024, 1 2 212 555 0123")]
    [InlineData("DE", "«030 2345678», «030/2345678», «0171-2345678», 2024-05-01, 01.05.2024, 12345678, 30 2345678")]
    [InlineData("FR", "«01 42 68 53 00», «06.12.34.56.78»")]
    [InlineData("DK", "«32 12 34 56», 2024-05-01, 32123456")]
    public void Phone(string region, string marked) => Holds(new PhoneDetector(region is "" ? null : region), marked);

    [Fact]
    public void A_region_without_telephone_numbers_is_refused() => Assert.Throws<ArgumentException>(() => new PhoneDetector("ZZ"));

    [Theory]
    [InlineData("«8.8.8.8», «93.184.216.34»:443 http://«93.184.216.34»/x ip:«8.8.4.4». From «8.8.8.8»")]
    [InlineData("[«2606:4700:4700::1111»]:443 «2a00:1450:4001:81b::200e», «2600:1:2:3:4:5:6:7»; ip:«2a00::1»")]
    [InlineData("10.0.0.1 127.0.0.1 192.168.1.1 172.16.0.1 169.254.1.1 192.0.2.1 198.51.100.7 203.0.113.9 255.255.255.0 0.0.0.0 100.64.0.1")]
    [InlineData("::1 :: fe80::1 fd00::1 2001:db8::1 ::ffff:10.0.0.1 ff02::1 «::ffff:8.8.8.8» std::vector a::b::c dead::beef 12:34:56 aa:bb:cc:dd:ee:ff")]
    [InlineData("1.2.3 1.2.3.4.5 v1.2.3.4 version 1.2.3.4 256.1.1.1 01.2.3.4 1.2.3.4-beta 1.2.3.4a 1..2.3")]
    public void Ip(string marked) => Holds(new IpDetector(), marked);

    private static void Holds(Detector detector, string marked)
    {
        var expected = new List<Finding>();
        var text = "";
        foreach (var part in marked.Split('«'))
        {
            var ends = part.Split('»');
            if (ends.Length == 2)
            {
                expected.Add(new Finding(text.Length, ends[0].Length));
            }

            text += string.Concat(ends);
        }

        Assert.Equal(expected.Select(found => text.Substring(found.Start, found.Length)), RecallTests.Find(detector, text).Select(found => text.Substring(found.Start, found.Length)));
    }
}

using Cencori.Edge.Policies.Detectors;
using Cencori.Edge.Policies.Detectors.PersonalData;

namespace Cencori.Edge.Tests.Policies.Detectors;

public class NationalNumberTests
{
    /// <summary>Numbers that states and encyclopaedias publish as examples.</summary>
    [Theory]
    [InlineData("BR", "111.444.777-35")]
    [InlineData("CA", "130 692 544")]
    [InlineData("CH", "756.9217.0769.85")]
    [InlineData("CN", "11010519491231002X")]
    [InlineData("CN", "440524188001010014")]
    [InlineData("DE", "86 095 742 719")]
    [InlineData("DE", "65 929 970 489")]
    [InlineData("ES", "12345678Z")]
    [InlineData("ES", "X-1234567-L")]
    [InlineData("ES", "12345678-Z")]
    [InlineData("FI", "131052-308T")]
    [InlineData("FR", "2 55 08 14 168 025 38")]
    [InlineData("FR", "255081416802538")]
    [InlineData("IN", "2341 2341 2346")]
    [InlineData("IT", "RSSMRA85T10A562S")]
    [InlineData("NL", "1112.22.333")]
    [InlineData("SE", "811228-9874")]
    [InlineData("SE", "19640823-3234")]
    public void Examples_are_found(string region, string number) =>
        Assert.Equal(new Finding(3, number.Length), Assert.Single(RecallTests.Find(new NationalIdDetector([region]), $"It {number}.")));

    [Theory]
    [InlineData("BR", "CPF 11144477735")]
    [InlineData("CA", "My SIN is 130692544")]
    [InlineData("DE", "Steuer-ID: 86095742719")]
    [InlineData("IN", "Aadhaar no. 234123412346")]
    [InlineData("NL", "bsn 111222333")]
    [InlineData("PL", "PESEL: 44051401359")]
    [InlineData("SE", "personnummer 8112289874")]
    public void Bare_numbers_are_found_near_their_name(string region, string text)
    {
        var detector = new NationalIdDetector([region]);
        var digits = text.LastIndexOf(' ') + 1;
        var bare = text.Split(' ')[^1];

        Assert.Equal(digits, Assert.Single(RecallTests.Find(detector, text)).Start);
        Assert.Empty(RecallTests.Find(detector, bare));
        Assert.Empty(RecallTests.Find(detector, "using " + bare));
    }

    [Theory]
    [InlineData("CH", "757.9217.0769.85 x756.9217.0769.85 756.9217.0769.85.1")]
    [InlineData("CN", "11010519491331002X 110105194912310020")]
    [InlineData("ES", "12345678A X1234567A")]
    [InlineData("FI", "320152-308T")]
    [InlineData("FR", "9 55 08 14 168 025 38")]
    [InlineData("IN", "1341 2341 2346 2341 2341 2346 1 9 2341 2341 2346")]
    [InlineData("IT", "RSSMRA85T10A562T RSSMRA85Z10A562S")]
    [InlineData("NL", "0000.00.000 sin 111222333")]
    [InlineData("SE", "811328-9874 21640823-3234")]
    public void Invalid_national_numbers_are_not_found(string region, string text) => Assert.Empty(RecallTests.Find(new NationalIdDetector([region]), text));

    [Fact]
    public void Several_regions_are_searched_at_once() =>
        Assert.Equal(2, RecallTests.Find(new NationalIdDetector(["it", "ES"]), "RSSMRA85T10A562S and 12345678Z").Count);

    [Fact]
    public void A_region_that_is_not_known_is_refused() => Assert.Throws<ArgumentException>(() => new NationalIdDetector(["XX"]));
}

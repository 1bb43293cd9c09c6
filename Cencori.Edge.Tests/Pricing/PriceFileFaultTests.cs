using System.Text;
using Cencori.Edge.Pricing;

namespace Cencori.Edge.Tests.Pricing;

/// <summary>The errors for a price list that cannot be used.</summary>
public class PriceFileFaultTests
{
    [Theory]
    [InlineData("null", "it is null.")]
    [InlineData("", "line 1: it is not JSON.")]
    [InlineData("{\n \"prices\": [\n", "line 3, prices[0]: it is not JSON.")]
    [InlineData("""{"prices":{}}""", "line 1, prices: the JSON value is of the wrong kind.")]
    [InlineData("{\"prices\":[\n{\"provider\":\"a\",\"model\":\"m\",\"input\":\"1\"}]}", "line 2, prices[0].input: the JSON value is of the wrong kind.")]
    [InlineData("{}", "line 1: a required field is missing: a list has 'prices', and each price 'provider' and 'model'.")]
    [InlineData("""{"price":[]}""", "line 1, price: there is no such field as 'price'. Did you mean 'prices'?")]
    [InlineData("""{"abuot":"","prices":[]}""", "line 1, abuot: there is no such field as 'abuot'. Did you mean 'about'?")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","inptu":1}]}""", "line 1, prices[0].inptu: there is no such field as 'inptu'. Did you mean 'input'?")]
    [InlineData("""{"prices":[{"provider":"a","model":"m","cache_write_1":1}]}""", "line 1, prices[0].cache_write_1: there is no such field as 'cache_write_1'. Did you mean 'cache_write_1h'?")]
    public void The_error_names_the_place_and_the_fault(string content, string expected)
    {
        var fault = Assert.Throws<FormatException>(() => PriceFile.Parse(Encoding.UTF8.GetBytes(content)));
        Assert.Equal(expected, fault.Message);
    }
}

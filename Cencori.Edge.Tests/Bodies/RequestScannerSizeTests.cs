using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Endpoints;
using static Cencori.Edge.Tests.Bodies.RequestScannerTests;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>How much input a body contains, and how much output it allows.</summary>
public class RequestScannerSizeTests
{
    [Theory]
    [InlineData("""{"max_tokens":1,"max_output_tokens":2,"max_completion_tokens":3}""", 3L)]
    [InlineData("""{"max_tokens":1,"max_output_tokens":2,"max_completion_tokens":null}""", 2L)]
    [InlineData("""{"max_tokens":1}""", 1L)]
    [InlineData("""{"max_tokens":0}""", 0L)]
    [InlineData("""{"max_tokens":1e3}""", 1_000L)]
    [InlineData("""{"max_tokens":100.0}""", 100L)]
    [InlineData("""{"max_tokens":99999999999999999999}""", long.MaxValue)]
    [InlineData("""{"max_tokens":1e400}""", long.MaxValue)]
    [InlineData("""{"max_tokens":null}""", null)]
    [InlineData("""{"max_tokens":5,"max_tokens":7}""", 7L)]
    [InlineData("""{"max_tokens":7,"max_tokens":5}""", 7L)]
    [InlineData("""{"max_completion_tokens":1,"max_tokens":500000}""", 500_000L)]
    [InlineData("""{"max_output_tokens":3,"max_completion_tokens":2,"max_tokens":1}""", 3L)]
    public void The_output_bound_is_the_largest_one(string body, long? bound) => Assert.Equal(bound, Scan(body).OutputBound);

    [Theory]
    [InlineData("""{"n":3,"best_of":2}""", 3)]
    [InlineData("""{"best_of":5,"n":3}""", 5)]
    [InlineData("""{"n":3,"n":1,"best_of":null}""", 3)]
    [InlineData("""{"prompt":"a"}""", 1)]
    [InlineData("""{"prompt":null}""", 1)]
    [InlineData("""{"prompt":[]}""", 1)]
    [InlineData("""{"prompt":[1,2,3]}""", 1)]
    [InlineData("""{"prompt":["a","b","c"]}""", 3)]
    [InlineData("""{"prompt":[[1,2],[3]]}""", 2)]
    [InlineData("""{"prompt":["a",[1,2]],"n":2,"best_of":4}""", 8)]
    [InlineData("""{"prompt":["a","b"],"prompt":"c"}""", 2)]
    [InlineData("""{"prompt":{"id":"p","variables":{"x":"y","z":["a","b"]}}}""", 1)]
    [InlineData("""{"prompt":["a","b"],"n":9223372036854775807}""", long.MaxValue)]
    [InlineData("""{"input":["a","b"],"messages":["a","b"]}""", 1)]
    public void Choices_count_the_outputs_for_all_prompts(string body, long choices) => Assert.Equal(choices, Scan(body).Choices);

    [Theory]
    [InlineData("""{"messages":[{"content":[{"type":"text","text":"abc"}]}]}""", 7 + 8 + 7)]
    [InlineData("""{"input":"abc","prompt":"de","instructions":"f","system":"gh","tools":[{"x":"i"}],"functions":["j"]}""", 11)]
    [InlineData("""{"tools":[{"properties":{"one":{},"two":{"three":[]}}}]}""", 10 + 3 + 3 + 5)]
    [InlineData("""{"input":["ab","cd"]}""", 4)]
    [InlineData("""{"input":[1,22,333]}""", 12)]
    [InlineData("""{"prompt":[[1,2],[3]]}""", 12)]
    [InlineData("""{"input":[{"width":100}]}""", 5)]
    [InlineData("""{"input":7}""", 0)]
    [InlineData("""{"messages":[1,2,3]}""", 0)]
    [InlineData("""{"messages":["é\n"]}""", 4)]
    [InlineData("""{"messages":["data:AAAA",{"text":"data:AAAA"}]}""", 9 + 4 + 9)]
    [InlineData("""{"messages":[{"url":"https://x/y.png"}]}""", 3 + 15)]
    [InlineData("""{"messages":[{"url":"data:image/png;base64,AAAA"}]}""", 3 + 4_000)]
    [InlineData("""{"messages":[{"image_url":"data:image\/png;base64,A\/A=","file_url":"data:,A","audio_url":"data:,A","video_url":"data:,A"}]}""", (4 * 9) - 1 + (4 * 4_000))]
    [InlineData("""{"messages":[{"file_data":"data:application/pdf;base64,AAAA"}]}""", 9 + 4_000)]
    [InlineData("""{"messages":[{"data":"AAAA","format":"wav"},{"file_data":"A"},{"b64_json":"A"}]}""", 8 + 9 + 10 + 9)]
    [InlineData("""{"messages":[{"data":{"text":"abc"}}]}""", 4 + 4 + 3)]
    [InlineData("""{"user":"somebody","metadata":{"messages":"no"}}""", 0)]
    [InlineData("""{"prompt":"abc","prompt":"de"}""", 5)]
    public void Input_text_is_what_the_model_will_read(string body, long bytes) => Assert.Equal(bytes, Scan(body).InputTextBytes);

    [Theory]
    [InlineData("""{"messages":[{"data":"@"}]}""", false)]
    [InlineData("""{"input":[{"b64_json":"@"}]}""", false)]
    [InlineData("""{"messages":[{"file_data":"data:application/pdf;base64,@"}]}""", false)]
    [InlineData("""{"messages":[{"image_url":{"url":"data:image/png;base64,@"}}]}""", false)]
    [InlineData("""{"messages":[{"content":"@"}]}""", true)]
    [InlineData("""{"messages":[{"content":"data:@"}]}""", true)]
    [InlineData("""{"messages":[{"url":"@"}]}""", true)]
    [InlineData("""{"messages":[{"data":"some text @"}]}""", true)]
    [InlineData("""{"messages":[{"url":"data:some text @"}]}""", true)]
    [InlineData("""{"messages":[{"url":"data:@,A"}]}""", true)]
    [InlineData("""{"messages":[{"@":1}]}""", true)]
    [InlineData("""{"tools":[{"@":1}]}""", true)]
    [InlineData("""{"tools":[{"data":"@"}]}""", true)]
    public void Only_media_have_a_flat_size(string body, bool growsWithItsSize)
    {
        var scan = Scan(body.Replace("@", new string('a', 280_000), StringComparison.Ordinal));

        Assert.InRange(scan.EstimateInputTokens(), growsWithItsSize ? 70_000 : 1_000, growsWithItsSize ? 70_020 : 1_010);
    }

    [Fact]
    public void A_token_limit_that_is_not_a_number_counts_as_unlimited()
    {
        Assert.True(RequestScanner.TryScan("""{"max_tokens":1,"max_output_tokens":"inf"}"""u8, Operation.Other, out var scan, out _));
        Assert.Equal((true, null), (scan.IsUnbounded, scan.OutputBound));
        Assert.False(Scan("""{"max_tokens":1}""").IsUnbounded);
    }
}

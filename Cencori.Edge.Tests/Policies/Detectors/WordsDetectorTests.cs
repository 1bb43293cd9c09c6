using Cencori.Edge.Policies.Detectors.OwnRules;
using Cencori.Edge.Tests.Policies.Detectors.Secrets;

namespace Cencori.Edge.Tests.Policies.Detectors;

public sealed class WordsDetectorTests
{
    [Theory]
    [InlineData("kiwi", "Kiwi, KIWI! kiwis (kiwi) kiwi_2 1kiwi kiwi1", "Kiwi", "KIWI", "kiwi", "kiwi")]
    [InlineData("project kiwi", "Project Kiwi, project\n  kiwi, project-kiwi, project_kiwi, project - kiwi, projectkiwi, project kiwis, project.kiwi", "Project Kiwi", "project\n  kiwi", "project-kiwi", "project_kiwi", "project - kiwi")]
    [InlineData("e-mail server", "the e-mail server, e-mail-server, e mail server", "e-mail server", "e-mail-server")]
    [InlineData("Köln", "Ko\u0308ln, KO\u0308LN, Köln, Koln", "Ko\u0308ln", "KO\u0308LN", "Köln")]
    [InlineData("Ko\u0308ln", "Köln Ko\u0308ln", "Köln", "Ko\u0308ln")]
    [InlineData("Việt Nam", "Vie\u0323\u0302t Nam", "Vie\u0323\u0302t Nam")]
    [InlineData("がくせい", "か\u3099くせい", "か\u3099くせい")]
    [InlineData("c++", "c++ c+ C++. xc++", "c++", "C++")]
    [InlineData("@acme.com", "joe@acme.com @acme.com @acme.community", "@acme.com", "@acme.com")]
    [InlineData("straße", "Die Straße, STRASSE, Straßen", "Straße")]
    [InlineData("école", "l'École des écoles", "École")]
    [InlineData("机密", "这是机密文件", "机密")]
    [InlineData("機密 文書", "これは機密 文書です", "機密 文書")]
    [InlineData("ความลับ", "นี่คือความลับของเรา", "ความลับ")]
    [InlineData("비밀", "이것은 비밀을 지킨다", "비밀")]
    [InlineData("kiwi", "机密kiwi文件", "kiwi")]
    [InlineData("cafe", "cafe\u0301 cafe", "cafe")]
    public void Whole_words_are_found(string word, string text, params string[] found) => 
        Assert.Equal(found, new WordsDetector([word]) is var detector ? detector.Texts(text).Where(one => !detector.IsJoined(one)) : []);

    [Fact]
    public void The_longest_phrase_is_found() =>
        Assert.Equal(["red kiwi jam", "red", "kiwi"], new WordsDetector(["red", "kiwi", "red kiwi jam", "red kiwi"]).Texts("red kiwi jam, red\tx kiwi").ToArray());

    [Fact]
    public void Words_are_folded_like_texts() => Assert.Equal(["kiwi"], new WordsDetector(["ＫＩＷＩ"], fold: word => string.Concat(word.Select(character => (char)(character - 'Ａ' + 'a')))).Texts("a kiwi"));

    [Fact]
    public void With_a_threshold_words_count_only_together()
    {
        var detector = new WordsDetector(["dose", "tablet", "diagnosis"], threshold: 2);
        Assert.Empty(detector.Find("A tablet, another tablet, and one more tablet."));
        Assert.Equal(["tablet", "tablet", "dose", "Tablet"], detector.Texts($"tablet, tablet, dose {new string('.', 100)} Tablet"));
        Assert.Empty(detector.Find($"tablet {new string('.', 400)} dose"));
        Assert.Equal(["dose", "diagnosis"], detector.Texts($"tablet {new string('.', 400)} dose diagnosis"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Words_that_arrive_in_pieces_give_the_same_findings(int threshold)
    {
        string[] pieces = ["red", "Kiwi", " ", "  ", "\n", "jam", "s", ".", "foo bar", "bar baz", "机密", "c++", "+", "-", "_", "redkiwijam", "e-mail", "e", "red kiwi jam", "                 ", "x................................................................................x"];
        var detector = new WordsDetector(["red", "kiwi jam", "red kiwi jam", "foo bar", "bar baz", "机密", "c++", "s", "e-mail server", "e red"], threshold);
        var random = new Random(1830);
        for (var round = 0; round < 300; round++)
        {
            Splits.Hold(detector, string.Concat(random.GetItems(pieces, random.Next(2, 20))), leftContext: threshold == 1 ? Splits.LeftContext : WordsDetector.Near + Splits.LeftContext);
        }
    }

    [Theory]
    [InlineData("a text.", 0)]
    [InlineData("a bike", 0)]
    [InlineData("a ki", 2)]
    [InlineData("a kiwi", 4)]
    [InlineData("a kiwi ", 0)]
    [InlineData("a project ", 8)]
    [InlineData("a projects ", 0)]
    [InlineData("a project x", 0)]
    public void Text_is_held_while_it_may_begin_a_word(string text, int open) => Assert.Equal(open, new WordsDetector(["kiwi", "project kiwi"]).Open(text));

    [Fact]
    public void Many_words_are_found_like_few()
    {
        var random = new Random(1831);
        var words = Enumerable.Range(0, 5_000).Select(_ => KeySamples.Make(random, "[w]l8")).Distinct().ToArray();
        var detector = new WordsDetector(words);
        Assert.Equal(words, detector.Texts(string.Join(", ", words)));
        Assert.Empty(detector.Find(string.Join("x ", words) + "x"));
    }
}

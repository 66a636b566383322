// Java's own java.net.http.HttpClient, as it is unless told otherwise: it offers HTTP/2 first.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class HttpClientRun {
  static final HttpClient client = HttpClient.newHttpClient();
  static final String credential = Base64.getEncoder().encodeToString((System.getenv("CLIENT_USER") + ":" + System.getenv("CLIENT_SECRET")).getBytes());

  static HttpResponse<String> get(String url) throws Exception {
    var timeout = Duration.ofMillis((long) (1000 * Double.parseDouble(System.getenv("CLIENT_TIMEOUT"))));
    var request = HttpRequest.newBuilder(URI.create(url)).timeout(timeout).header("Authorization", "Basic " + credential).build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  // Java has no JSON of its own, and one member is all that is asked for.
  static String member(String body, String name) {
    Matcher found = Pattern.compile("\"" + name + "\":\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|\\d+|null)").matcher(body);
    return found.find() ? found.group(1) : "null";
  }

  static String list(String base) throws Exception {
    long calls = 0;
    for (String url = base + "Summaries?PageSize=2"; url != null;) {
      String body = get(url).body();
      calls += Pattern.compile("\"call_sid\":").matcher(body).results().count();
      String next = member(body, "next_page_url");
      url = next.equals("null") ? null : next.substring(1, next.length() - 1).replace("\\/", "/");
    }
    return "{\"calls\": " + calls + "}";
  }

  static String read(String base, String sid, int times) throws Exception {
    String said = "";
    for (; times > 0; --times) {
      var answer = get(base + sid + "/Summary");
      if (answer.statusCode() != 200)
        return "{\"error\": {\"status\": " + answer.statusCode() + ", \"code\": " + member(answer.body(), "code") + ", \"text\": " + member(answer.body(), "message") + "}}";
      said = "{\"call_sid\": " + member(answer.body(), "call_sid") + "}";
    }
    return said;
  }

  public static void main(String[] arguments) {
    String base = System.getenv("CLIENT_URL") + "/v1/Voice/";
    try {
      System.out.println(arguments[0].equals("list") ? list(base) : read(base, arguments[1], arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1));
    } catch (Exception error) {
      System.out.println("{\"error\": {\"status\": null, \"code\": null, \"text\": \"" + error.toString().replace('"', '\'').replace('\n', ' ') + "\"}}");
    }
  }
}

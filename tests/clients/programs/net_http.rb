# Ruby's own Net::HTTP, which Ruby's HTTP libraries use as well. `start` keeps the connection.
require 'json'
require 'net/http'

BASE = URI(ENV.fetch('CLIENT_URL'))

def get(http, target)
  request = Net::HTTP::Get.new(target)
  request.basic_auth(ENV.fetch('CLIENT_USER'), ENV.fetch('CLIENT_SECRET'))
  answer = http.request(request)
  [answer.code.to_i, JSON.parse(answer.body)]
end

def list(http)
  calls = 0
  url = "#{BASE}/v1/Voice/Summaries?PageSize=2"
  while url
    raise "the next page is elsewhere: #{url}" unless url.start_with?("#{BASE}/")

    _, page = get(http, URI(url).request_uri)
    calls += page['call_summaries'].size
    url = page['meta']['next_page_url']
  end
  { calls: calls }
end

def read(http, sid, times)
  said = nil
  times.times do
    status, body = get(http, "/v1/Voice/#{sid}/Summary")
    return { error: { status: status, code: body['code'], text: body['message'] } } unless status == 200

    said = { call_sid: body['call_sid'] }
  end
  said
end

begin
  action, sid, times = ARGV
  timeout = ENV.fetch('CLIENT_TIMEOUT').to_f
  options = { use_ssl: BASE.scheme == 'https', open_timeout: timeout, read_timeout: timeout, max_retries: 0 }
  said = Net::HTTP.start(BASE.host, BASE.port, :ENV, options) { |http| action == 'list' ? list(http) : read(http, sid, (times || 1).to_i) }
rescue StandardError => e
  said = { error: { status: nil, code: nil, text: "#{e.class}: #{e.message}" } }
end
puts JSON.generate(said)

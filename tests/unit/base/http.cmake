pult_test(base_http_unit unit SOURCES http_text_test.cpp LIBS pult_base)
